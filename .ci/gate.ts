/**
 * The gate: `deno task ok` without real servers, `deno task test` with them (`--servers`). Words after it
 * pick single steps. Every step runs whatever the ones before it said; the exit code is 1 when one failed.
 */
import { fileURLToPath } from "node:url";
import { runSteps } from "./run_steps.ts";
import { runStep, write } from "./step.ts";
import { gateSteps } from "./steps.ts";

if (import.meta.main) {
  const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  const steps = await gateSteps(root, { withServers: Deno.args.includes("--servers") });
  const names = Deno.args.filter((arg) => !arg.startsWith("-"));
  Deno.exitCode = await runSteps(steps, names, { run: (step) => runStep(step, root), write });
}
