/**
 * The gate: `deno task ok` without real servers, `deno task test` with them (`--servers`). Words after it
 * pick single steps. Every step runs whatever the ones before it said; the exit code is 1 when one failed.
 */
import { fileURLToPath } from "node:url";
import { describeOutcomes, header } from "./report.ts";
import { runStep, type StepOutcome, write } from "./step.ts";
import { gateSteps } from "./steps.ts";

if (import.meta.main) Deno.exitCode = await main(Deno.args);

async function main(args: readonly string[]): Promise<number> {
  const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  const names = args.filter((arg) => !arg.startsWith("-"));
  const all = await gateSteps(root, { withServers: args.includes("--servers") });
  const unknown = names.filter((name) => !all.some((step) => step.name === name));
  if (unknown.length > 0) {
    await write(
      `No step is called ${unknown.join(", ")}: ${all.map(({ name }) => name).join(" ")}\n`,
    );
    return 2;
  }
  const outcomes: StepOutcome[] = [];
  for (const step of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
    await write(`${header(`${step.name}: ${step.about}`)}\n`);
    const outcome = await runStep(step, root);
    outcomes.push(outcome);
    await write(`${outcome.success ? "ok" : "FAILED"} in ${seconds(outcome.durationMs)} s\n`);
  }
  await write(describeOutcomes(outcomes));
  return outcomes.every(({ success }) => success) ? 0 : 1;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
