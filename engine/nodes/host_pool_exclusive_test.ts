import assert from "node:assert/strict";
import { TestWorkflow } from "./_test_workflow.ts";

Deno.test("a call that must be alone is served while others keep every host busy", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      later: {
        source: `export default (ctx, ms) => new Promise((ok) => setTimeout(() => ok(ms), ms));`,
      },
    },
    maxHosts: 1,
    isWarm: true,
  });
  let isOver = false;
  let shared = 0;
  // Of different lengths, so that they do not end together.
  const load = [7, 11, 13, 17, 19, 23, 29, 31].map(async (ms) => {
    while (!isOver) {
      await workflow.output("later", ms);
      shared++;
    }
  });
  for (let n = 0; n < 3; n++) {
    // By now the others share what the call before it has left.
    for (let i = 0; i < 30; i++) await workflow.output("later", 1);
    const alone = workflow.call("later", 1, { exclusive: true }).outcome;
    const before = shared;
    const outcome = await Promise.race([alone, untilShared(() => shared > before + 300)]);
    if (outcome === "starved") isOver = true;
    assert.deepEqual(outcome, { status: "succeeded", output: 1 });
  }
  isOver = true;
  await Promise.all(load);

  /** Gives up on the lone call once so many others were served before it. */
  async function untilShared(isEnough: () => boolean): Promise<"starved"> {
    while (!isEnough()) await workflow.output("later", 1);
    return "starved";
  }
});
