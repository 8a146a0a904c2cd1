import assert from "node:assert/strict";
import { fakeIo } from "../fake_io.ts";
import { runCli } from "../run_cli.ts";
import { nameOfFile } from "./find_pipeline.ts";

const NAMES: readonly (readonly [path: string, name: string])[] = [
  ["k6.ts", "k6"],
  ["/a/b/Load Test.ts", "load-test"],
  ["loadTest.v2.ts", "load-test-v2"],
  ["deno_script.ts", "deno-script"],
  ["žluť.ts", "lu"],
  ["...ts", ""],
];

for (const [path, name] of NAMES) {
  Deno.test(`nameOfFile() of ${path} is "${name}"`, () => assert.equal(nameOfFile(path), name));
}

async function pd(...args: string[]) {
  const io = fakeIo({ cwd: "/no/such/place", env: { PD_STORAGE: "memory:" } });
  return { code: await runCli(args, io), ...io.written };
}

Deno.test("pd run of a name that is nowhere answers in the form that is asked before it", async () => {
  const json = await pd("run", "-o", "json", "nope", "x");
  assert.equal(json.code, 1);
  assert.equal(JSON.parse(json.stdout).error.code, "TARGET_NOT_FOUND");
});

Deno.test("pd run of a server looks for nothing here, and needs a token", async () => {
  const { code, stderr } = await pd("run", "--server", "https://example.com", "k6", "run");
  assert.equal(code, 2);
  assert.match(stderr, /^error USAGE .*every caller needs a token/);
});

const REFUSED: readonly (readonly [name: string, ...flags: string[]])[] = [
  ["a name that is not kebab-case", "--name", "My_Tool"],
  ["a driver with a key in it", "--driver", "docker?cache_key=abc"],
];

for (const [name, ...flags] of REFUSED) {
  Deno.test(`pd set-pipeline refuses ${name}`, async () => {
    const { code, stderr } = await pd("set-pipeline", "x.ts", ...flags);
    assert.equal(code, 2);
    assert.doesNotMatch(stderr, /abc/);
  });
}
