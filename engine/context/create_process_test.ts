import assert from "node:assert/strict";
import { testContext } from "./_test_context.ts";
import type { ProcessOptions } from "./context.ts";

const BAD: readonly (readonly [string, unknown, RegExp])[] = [
  ["nothing", undefined, /"options" must be an object: it is missing/],
  ["a text", "ls", /"options" must be an object: it is another string/],
  ["no command", {}, /"command" must be the name or path of a program: it is missing/],
  ["an empty command", { command: "" }, /"command" must be .*: it is empty/],
  ["a command with NUL", { command: "a\0b" }, /"command" must be/],
  ["arguments in one text", { command: "a", args: "b c" }, /"args" must be a list of texts/],
  ["an argument that is a number", { command: "a", args: [1] }, /"args" must be/],
  ["env with a number", { command: "a", env: { A: 1 } }, /"env" must be an object of texts/],
  ["env with = in a name", { command: "a", env: { "A=": "1" } }, /"env" must be/],
  ["an empty cwd", { command: "a", cwd: "" }, /"cwd" must be a path: it is empty/],
  ["stdin of bytes", { command: "a", stdin: new Uint8Array(1) }, /"stdin" must be text/],
  ["a timeout of no unit", { command: "a", timeout: "30" }, /"timeout" must be milliseconds/],
  ["a timeout of 0", { command: "a", timeout: 0 }, /"timeout" must be/],
  ["a level that is none", { command: "a", stdout_level: "loud" }, /"stdout_level" must be/],
  ["a check that is text", { command: "a", check: "no" }, /"check" must be true or false/],
  ["a key that is near", { command: "a", argz: [] }, /no option "argz": did you mean "args"/],
  ["a key that is unknown", { command: "a", quux: 1 }, /no option "quux": it is unknown/],
];

for (const [what, options, message] of BAD) {
  Deno.test(`ctx.process.run() refuses ${what}`, async () => {
    const { ctx } = testContext({ ask: () => assert.fail("nothing is asked") });
    await assert.rejects(ctx.process.run(options as ProcessOptions), {
      code: "PROCESS_INVALID",
      message,
    });
  });
}

Deno.test("ctx.process.run() fills in its defaults", async () => {
  const { ctx } = testContext({
    ask(method, params) {
      assert.deepEqual([method, params], ["process.run", {
        command: "ls",
        args: [],
        env: {},
        stdoutLevel: "info",
        stderrLevel: "warn",
      }]);
      return Promise.resolve({ exitCode: 0, stdout: "", stderr: "" });
    },
  });
  await ctx.process.run({ command: "ls" });
});

Deno.test("a command that failed is told by its last lines, of stdout when stderr is empty", async () => {
  const lines = Array.from({ length: 10 }, (_, i) => `line ${i}`).join("\n");
  const { ctx } = testContext({
    ask: () => Promise.resolve({ exitCode: 137, stdout: lines, stderr: " \n" }),
  });
  await assert.rejects(ctx.process.run({ command: "make" }), {
    code: "PROCESS_FAILED",
    exitCode: 137,
    message: 'Cannot run "make" to its end as its exit code must be 0: it is 137\n' +
      "line 5\nline 6\nline 7\nline 8\nline 9",
  });
});

Deno.test("ctx.container.run() takes an image and a function, and gives what that gives", async () => {
  const { ctx } = testContext();
  assert.equal(await ctx.container.run("alpine:3", () => Promise.resolve(5)), 5);
  await assert.rejects(ctx.container.run("alpine", () => Promise.reject(new Error("own"))), /own/);
  for (const image of ["", "-x", "a b", 5] as string[]) {
    await assert.rejects(ctx.container.run(image, () => Promise.resolve()), {
      code: "PROCESS_INVALID",
    });
  }
  await assert.rejects(ctx.container.run("alpine", "x" as never), { code: "PROCESS_INVALID" });
});
