import assert from "node:assert/strict";
import { loadColors, Output } from "../terminal/mod.ts";
import { type StartedServer, welcome } from "./welcome.ts";

const colors = await loadColors(false);
const nothing = { write: () => {}, isTerminal: true };
const out = new Output({
  io: { stdout: nothing, stderr: nothing } as never,
  format: "text",
  quiet: false,
  verbose: false,
  colors,
  errorColors: colors,
});

const SERVER: StartedServer = {
  url: "http://127.0.0.1:9009",
  workflows: ["a", "b"],
  problems: [],
  path: "flows",
  secretPlace: "/srv/.pd/config.yaml",
  isNewSecret: false,
  isOpenToNetwork: false,
  token: undefined,
};

Deno.test("on a terminal the welcome has a link that signs in, and how to make further tokens", async (t) => {
  await t.assertSnapshot(
    welcome(out, { ...SERVER, token: "head.body.signature", isNewSecret: true }),
  );
});

Deno.test("off a terminal the welcome has no token", () => {
  assert.doesNotMatch(welcome(out, SERVER), /token=/);
});

Deno.test("the welcome of an empty server says how to have a workflow", async (t) => {
  await t.assertSnapshot(welcome(out, { ...SERVER, workflows: [], isOpenToNetwork: true }));
});

Deno.test("the welcome names ten workflows and what was not loaded, without its control characters", () => {
  const workflows = Array.from({ length: 12 }, (_, index) => `w${index}`);
  const problems = [{ place: "/a/\x1b[2Jb", message: "broken" }];
  const text = welcome(out, { ...SERVER, workflows, problems });
  assert.match(text, /^12 workflows: w0, .*, w9 and 2 more$/m);
  assert.match(text, /^not loaded: \/a\//m);
  assert.ok(!text.includes("\x1b"));
});
