import type {} from "./global_types.ts";
import { invalid, readOptions, readText } from "./arguments.ts";
import { PipelineExit } from "./pipeline_exit.ts";
import { currentRun } from "./pipeline_run.ts";
import { runStep, startSandbox } from "./run_step.ts";
import type { PipelineContext, Runtime, Volume } from "./types.ts";

/** One object for all runs of this process: each call finds the run that it belongs to. */
const RUNTIME: Runtime = Object.freeze({
  run: (options: unknown) => called(() => runStep(currentRun("runtime.run"), options)),
  createVolume: (first?: unknown, second?: unknown) => called(() => createVolume(first, second)),
  startSandbox: (options: unknown) =>
    called(() => startSandbox(currentRun("runtime.startSandbox"), options)),
  exit,
});

const CONTEXT: PipelineContext = Object.freeze({
  get runID() {
    return currentRun("pipelineContext").context.runID;
  },
  get pipelineID() {
    return currentRun("pipelineContext").context.pipelineID;
  },
  get triggeredBy() {
    return currentRun("pipelineContext").context.triggeredBy;
  },
  get args() {
    return currentRun("pipelineContext").context.args;
  },
  get driverName() {
    return currentRun("pipelineContext").context.driverName;
  },
});

/** Makes `runtime` and `pipelineContext` known to every module of this process. */
export function setGlobals(): void {
  for (const [name, value] of Object.entries({ runtime: RUNTIME, pipelineContext: CONTEXT })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: false });
  }
}

/** A mistake in a call is a rejection, as every other failure of it. */
function called<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}

async function createVolume(first: unknown, second: unknown): Promise<Volume> {
  const run = currentRun("runtime.createVolume");
  const place = "runtime.createVolume()";
  const given = typeof first === "object" && first !== null
    ? readOptions(first, place, ["name", "size"])
    : { name: first, size: second };
  const name = readText(given["name"], place, "name") ?? `volume-${run.nextVolume()}`;
  if (name === "") throw invalid(place, `"name"`, `text that is not empty: it is ""`);
  const sizeMb = given["size"];
  if (sizeMb !== undefined && !(typeof sizeMb === "number" && sizeMb > 0 && sizeMb < Infinity)) {
    throw invalid(place, `"size"`, "mebibytes above 0: it is not");
  }
  const answer = await run.ask("runtime.createVolume", { name, sizeMb });
  return Object.freeze({ name: typeof answer === "string" ? answer : name });
}

function exit(code: unknown): never {
  const run = currentRun("runtime.exit");
  if (!(typeof code === "number" && Number.isInteger(code) && code >= 0 && code <= 255)) {
    throw invalid("runtime.exit()", "the exit code", "a whole number from 0 to 255: it is not");
  }
  const exited = new PipelineExit(code);
  run.end(exited);
  throw exited;
}
