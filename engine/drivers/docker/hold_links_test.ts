import assert from "node:assert/strict";
import { HeldLinks } from "./hold_links.ts";
import { tarOf } from "./tar_of.ts";

const content = new TextEncoder().encode("text\n");
const DEEP = `${"deep/".repeat(30)}link`;
const inside = [
  { path: "a/", mode: 0o755 },
  { path: "a/in", mode: 0o777, linkPath: "../b" },
  { path: "abs", mode: 0o777, linkPath: "/etc" },
  { path: "b", mode: 0o600, content },
];
const above = [
  { path: "up", mode: 0o777, linkPath: "../sibling" },
  { path: "a/up", mode: 0o777, linkPath: `../x/../../${"long/".repeat(40)}` },
  { path: DEEP, mode: 0o777, linkPath: "../".repeat(31) },
];

async function* inSteps(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) {
    yield await Promise.resolve(bytes.slice(at, at + step));
  }
}

Deno.test("symlinks to what is above the folder are held, wherever a chunk ends, and nothing else changes", async () => {
  const [first, ...rest] = inside;
  const tar = tarOf([...first ? [first] : [], ...above, ...rest]);
  for (const step of [1, 513, 100_000]) {
    const held = new HeldLinks();
    const out = await new Response(ReadableStream.from(held.takeFrom(inSteps(tar, step)))).bytes();
    assert.deepEqual(out, tarOf(inside), `${step}`);
    assert.deepEqual(
      held.below("v"),
      tarOf(above.map((link) => ({ ...link, path: `v/${link.path}` }))),
    );
  }
});

Deno.test("a symlink whose place a later file takes is not held", async () => {
  const held = new HeldLinks();
  const tar = tarOf([{ path: "up", mode: 0o777, linkPath: ".." }, {
    path: "./up",
    mode: 0o600,
    content,
  }]);
  await new Response(ReadableStream.from(held.takeFrom(ReadableStream.from([tar])))).bytes();
  assert.equal(held.below("v"), undefined);
});
