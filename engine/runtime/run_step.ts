import type { ExecAsk, SandboxAsk, TaskAsk, TaskOutput } from "../containers/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import {
  type OutputListener,
  type Place,
  readCommand,
  readEnv,
  readFlag,
  readLimits,
  readListener,
  readMounts,
  readName,
  readOptions,
  readText,
  readTimeout,
} from "./arguments.ts";
import type { PipelineRun } from "./pipeline_run.ts";
import type { Sandbox, StepResult } from "./types.ts";

const SANDBOX_KEYS = ["name", "image", "env", "mounts", "work_dir", "limits", "privileged"];
const STEP_KEYS = [...SANDBOX_KEYS, "command", "stdin", "timeout", "onOutput"];
const EXEC_KEYS = ["command", "env", "work_dir", "stdin", "timeout", "onOutput"];

/** `runtime.run()`. The step is counted before this returns. */
export function runStep(run: PipelineRun, options: unknown): Promise<StepResult> {
  const index = run.nextTask();
  const name = nameOf(options);
  return run.step(name ?? "", async () => {
    const place = placeOf("runtime.run", name);
    const given = readOptions(options, place, STEP_KEYS);
    const onOutput = readListener(given["onOutput"], place);
    const { command, user } = given["command"] === undefined
      ? { command: undefined, user: undefined }
      : readCommand(given["command"], place);
    const ask: TaskAsk = {
      ...readContainer(given, place),
      index,
      command,
      user,
      stdin: readText(given["stdin"], place, "stdin"),
      timeoutMs: readTimeout(given["timeout"], place),
      wantsOutput: onOutput !== undefined,
    };
    return toResult(await run.ask("runtime.run", ask, tellTo(onOutput)));
  });
}

/** `runtime.startSandbox()`. */
export async function startSandbox(run: PipelineRun, options: unknown): Promise<Sandbox> {
  const index = run.nextTask();
  const name = nameOf(options) ?? "";
  const place = placeOf("runtime.startSandbox", name);
  const given = readOptions(options, place, SANDBOX_KEYS);
  const ask: SandboxAsk = { ...readContainer(given, place), index, user: undefined };
  const answer = await run.ask("runtime.startSandbox", ask) as { readonly sandbox: number };
  return openSandbox(run, { name, number: answer.sandbox });
}

function openSandbox(
  run: PipelineRun,
  { name, number }: { readonly name: string; readonly number: number },
): Sandbox {
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await (closing ??= run.ask("sandbox.close", { sandbox: number }).then(() => undefined));
  }
  return Object.freeze({
    exec: (options: unknown) => run.step(name, () => exec(run, { name, number, options })),
    close,
    [Symbol.asyncDispose]: close,
  });
}

async function exec(
  run: PipelineRun,
  { name, number, options }: { readonly name: string; readonly number: number; options: unknown },
): Promise<StepResult> {
  const place = placeOf("sandbox.exec", name);
  const given = readOptions(options, place, EXEC_KEYS);
  const onOutput = readListener(given["onOutput"], place);
  const ask: ExecAsk = {
    sandbox: number,
    ...readCommand(given["command"], place),
    env: readEnv(given["env"], place),
    workDir: readText(given["work_dir"], place, "work_dir"),
    stdin: readText(given["stdin"], place, "stdin"),
    timeoutMs: readTimeout(given["timeout"], place),
    wantsOutput: onOutput !== undefined,
  };
  return toResult(await run.ask("sandbox.exec", ask, tellTo(onOutput)));
}

function readContainer(
  given: Record<string, unknown>,
  place: Place,
): Omit<SandboxAsk, "index" | "user"> {
  return {
    name: readName(given["name"], place, "name"),
    image: given["image"] === undefined ? undefined : readName(given["image"], place, "image"),
    env: readEnv(given["env"], place),
    mounts: readMounts(given["mounts"], place),
    workDir: readText(given["work_dir"], place, "work_dir"),
    limits: readLimits(given["limits"], place),
    privileged: readFlag(given["privileged"], place, "privileged"),
  };
}

/** For messages, before the options are known to be any. */
function nameOf(options: unknown): string | undefined {
  const name = (options as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? name : undefined;
}

function placeOf(member: string, name: string | undefined): Place {
  return name === undefined ? `${member}()` : `${member}(${JSON.stringify(name)})`;
}

function tellTo(
  onOutput: OutputListener | undefined,
): ((value: JsonValue) => void) | undefined {
  if (onOutput === undefined) return undefined;
  return (value) => {
    const { stream, text } = value as unknown as TaskOutput;
    onOutput(stream, text);
  };
}

function toResult(answer: JsonValue): StepResult {
  return Object.freeze(answer as unknown as StepResult);
}
