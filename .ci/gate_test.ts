import assert from "node:assert/strict";
import { runSteps } from "./run_steps.ts";
import { runStep, type Step, type StepOutcome } from "./step.ts";
import { gateSteps } from "./steps.ts";

function step(name: string): Step {
  return { name, about: `about ${name}`, args: [] };
}

/** Runs steps of which `failing` fail; hands back what ran and what was printed. */
async function play(
  steps: readonly Step[],
  names: readonly string[],
  failing: readonly string[] = [],
): Promise<{ code: number; ran: string[]; printed: string }> {
  const ran: string[] = [];
  let printed = "";
  const code = await runSteps(steps, names, {
    run(step): Promise<StepOutcome> {
      ran.push(step.name);
      const success = !failing.includes(step.name);
      return Promise.resolve({ step, success, durationMs: 10, output: "said", tests: undefined });
    },
    write(text) {
      printed += text;
      return Promise.resolve();
    },
  });
  return { code, ran, printed };
}

Deno.test("every step runs although one failed, and the exit code is 1", async () => {
  const { code, ran, printed } = await play([step("a"), step("b"), step("c")], [], ["a"]);
  assert.equal(code, 1);
  assert.deepEqual(ran, ["a", "b", "c"]);
  assert.match(printed, /==== a: about a =+\na FAILED after 0\.0 s\n/);
  assert.match(printed, /\n0 passed, 1 failed\n$/);
});

Deno.test("steps are picked by name, and an unknown name lists those that there are", async () => {
  assert.deepEqual((await play([step("a"), step("b")], ["b"])).ran, ["b"]);
  const { code, ran, printed } = await play([step("a"), step("b")], ["x"]);
  assert.equal(code, 2);
  assert.deepEqual(ran, []);
  assert.equal(printed, "No step is called x: there are a b\n");
});

Deno.test("a step's output comes through, and its exit code decides", async () => {
  const good = await runStep({ ...step("good"), args: ["eval", "console.error('hi')"] }, ".");
  assert.deepEqual([good.success, good.output, good.tests], [true, "hi\n", undefined]);
  const bad = await runStep({ ...step("bad"), args: ["eval", "Deno.exit(3)"] }, ".");
  assert.equal(bad.success, false);
});

Deno.test("a step that hangs is ended, and has failed", async () => {
  const hang = { ...step("hang"), args: ["eval", "setInterval(() => {}, 1000)"] };
  const outcome = await runStep(hang, ".", 300);
  assert.equal(outcome.success, false);
  assert.match(outcome.output, /ended by SIGKILL after \d+ ms/);
});

Deno.test("the gate without servers leaves out nothing but e2e", async () => {
  const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
  const names = async (withServers: boolean) =>
    (await gateSteps(root, { withServers })).map(({ name }) => name);
  assert.deepEqual(await names(true), [...await names(false), "e2e"]);
});
