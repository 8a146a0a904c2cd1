import { askOf, type Context } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { setGlobals } from "./globals.ts";
import { PipelineExit } from "./pipeline_exit.ts";
import { loadWithin, PipelineRun, within } from "./pipeline_run.ts";
import type { PipelineContext, StepResult } from "./types.ts";

/** What a pipeline that went well has come to. */
export interface PipelineOutcome {
  readonly exitCode: 0;
  /** What `pipeline()` returned; null for nothing. */
  readonly value: JsonValue;
}

/**
 * Runs the function `pipeline` of the module that `load` loads, with the globals `runtime` and `pipelineContext`. The
 * arguments are `args` of `input`, the pipeline's id and driver are `pipeline_id` and `driver` of the node's config;
 * `driver` of `input` goes before that. Only the node of a stored pipeline calls this.
 *
 * @throws {CodedError} `PIPELINE_FAILED` with its `exitCode`, for an exit code other than 0: of `runtime.exit()`, of a step's result that was thrown, or
 *   of the last step. Anything else that the pipeline throws comes out as it is.
 */
export async function runPipeline(
  ctx: Context,
  input: JsonValue,
  load: () => Promise<{ readonly [name: string]: unknown }>,
): Promise<PipelineOutcome> {
  setGlobals();
  const run = new PipelineRun(askOf(ctx), contextOf(ctx, input));
  try {
    const running = within(run, async () => {
      const { pipeline } = await loadWithin(run, load);
      if (typeof pipeline !== "function") {
        throw new CodedError(
          "PIPELINE_INVALID",
          "Cannot run the pipeline as it exports no function: pipeline",
          {
            fix: "export async function pipeline() { … }",
          },
        );
      }
      return await pipeline() as JsonValue | undefined;
    });
    const value = await Promise.race([running, run.exited]);
    return endedWith(run, value ?? null);
  } catch (thrown) {
    if (run.exitCode !== undefined) return exitedWith(run.exitCode);
    throw toFailure(run, thrown);
  }
}

function endedWith(run: PipelineRun, value: JsonValue): PipelineOutcome {
  if (run.exitCode !== undefined) return exitedWith(run.exitCode);
  const last = run.lastStep();
  if (last === undefined || last.result.code === 0) return { exitCode: 0, value };
  throw failedStep(last.name, last.result);
}

function exitedWith(exitCode: number): PipelineOutcome {
  if (exitCode === 0) return { exitCode, value: null };
  throw new CodedError(
    "PIPELINE_FAILED",
    `Cannot go on as the pipeline asked to end: runtime.exit(${exitCode})`,
    {
      exitCode,
    },
  );
}

/** A result that was thrown ends the pipeline with its exit code, as an error with an `exitCode` does. */
function toFailure(run: PipelineRun, thrown: unknown): unknown {
  if (typeof thrown !== "object" || thrown === null) return thrown;
  const name = run.nameOf(thrown);
  if (name !== undefined) return failedStep(name, thrown as StepResult);
  const { exitCode } = thrown as { readonly exitCode?: unknown };
  const hasCode = typeof exitCode === "number" && Number.isInteger(exitCode) && exitCode > 0 &&
    exitCode <= 255;
  if (!hasCode || !(thrown instanceof Error) || thrown instanceof PipelineExit) return thrown;
  return new CodedError("PIPELINE_FAILED", thrown.message, { exitCode, cause: thrown });
}

/** A thrown result of a step that succeeded is a failure nevertheless. */
function failedStep(name: string, { code }: StepResult): CodedError {
  return new CodedError(
    "PIPELINE_FAILED",
    `Cannot finish the pipeline as its step "${name}" failed: exit code ${code}`,
    {
      exitCode: code === 0 ? 1 : Math.min(code, 255),
    },
  );
}

function contextOf({ run, config }: Context, input: JsonValue): PipelineContext {
  const given = asObject(input);
  const args = given["args"] ?? [];
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) {
    throw new CodedError(
      "INPUT_INVALID",
      "Cannot start the pipeline as its args are a list of texts: they are not",
      {
        fix: `--input '{"args": ["first", "second"]}'`,
      },
    );
  }
  const driver = text(given["driver"]) ?? text(config["driver"]) ?? "docker";
  return Object.freeze({
    runID: run.id,
    pipelineID: text(config["pipeline_id"]) ?? run.workflow,
    triggeredBy: text(asObject(run.trigger)["type"]) ?? "manual",
    args: Object.freeze([...args]),
    driverName: /^[a-z0-9]+/i.exec(driver)?.[0] ?? driver,
  });
}

function asObject(value: JsonValue): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as JsonObject
    : {};
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
