import { describeOutcomes, header } from "./report.ts";
import type { Step, StepOutcome } from "./step.ts";

/** What running the steps needs of its surroundings. */
export interface StepSurroundings {
  run(step: Step): Promise<StepOutcome>;
  write(text: string): Promise<void>;
}

/**
 * Runs the steps that `names` picks, all of them when it is empty, whatever each of them says, and prints
 * the report. Resolves to the exit code: 0, 1 when a step failed, 2 for a name that no step has.
 */
export async function runSteps(
  steps: readonly Step[],
  names: readonly string[],
  { run, write }: StepSurroundings,
): Promise<number> {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = steps.map(({ name }) => name).join(" ");
    await write(`No step is called ${unknown.join(", ")}: there are ${known}\n`);
    return 2;
  }
  const outcomes: StepOutcome[] = [];
  for (const step of steps) {
    if (names.length > 0 && !names.includes(step.name)) continue;
    await write(`${header(`${step.name}: ${step.about}`)}\n`);
    const outcome = await run(step);
    outcomes.push(outcome);
    const seconds = (outcome.durationMs / 1000).toFixed(1);
    await write(`${step.name} ${outcome.success ? "ok" : "FAILED"} after ${seconds} s\n`);
  }
  await write(describeOutcomes(outcomes));
  return outcomes.every(({ success }) => success) ? 0 : 1;
}
