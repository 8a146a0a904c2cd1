import type { JsonValue } from "../json/mod.ts";
import { AskParams } from "./ask_params.ts";
import type { ExecAsk, ProcessAsk, SandboxAsk, TaskAsk, VolumeAsk } from "./asks.ts";
import type { NamedMount } from "./mounts_of.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** As asked, with its mounts as a list. */
type Mounted<T extends { readonly mounts: unknown }> = Omit<T, "mounts"> & {
  readonly mounts: readonly NamedMount[];
};

/** @throws {CodedError} `TASK_INVALID`, as all of this file */
export function readProcessAsk(params: JsonValue): ProcessAsk {
  const read = new AskParams("process.run", params);
  return {
    command: read.text("command"),
    args: read.texts("args"),
    env: read.env("env"),
    cwd: read.optionalText("cwd"),
    stdin: read.stdin("stdin"),
    timeoutMs: read.timeoutMs("timeoutMs"),
    image: read.optionalText("image"),
    stdoutLevel: read.oneOf("stdoutLevel", LEVELS),
    stderrLevel: read.oneOf("stderrLevel", LEVELS),
  };
}

/** `runtime.run` */
export function readTaskAsk(params: JsonValue): Mounted<TaskAsk> {
  const read = new AskParams("runtime.run", params);
  return {
    ...readContainer(read),
    command: read.optionalCommand("command"),
    stdin: read.stdin("stdin"),
    timeoutMs: read.timeoutMs("timeoutMs"),
    wantsOutput: read.flag("wantsOutput"),
  };
}

/** `runtime.createVolume` */
export function readVolumeAsk(params: JsonValue): VolumeAsk {
  const read = new AskParams("runtime.createVolume", params);
  return { name: read.volumeName("name"), sizeMb: read.optionalInteger("sizeMb") };
}

/** `runtime.startSandbox` */
export function readSandboxAsk(params: JsonValue): Mounted<SandboxAsk> {
  return readContainer(new AskParams("runtime.startSandbox", params));
}

/** `sandbox.exec` */
export function readExecAsk(params: JsonValue): ExecAsk {
  const read = new AskParams("sandbox.exec", params);
  return {
    sandbox: read.integer("sandbox"),
    command: read.command("command"),
    user: read.optionalText("user"),
    env: read.env("env"),
    workDir: read.optionalText("workDir"),
    stdin: read.stdin("stdin"),
    timeoutMs: read.timeoutMs("timeoutMs"),
    wantsOutput: read.flag("wantsOutput"),
  };
}

/** `sandbox.close`: the number of the sandbox. */
export function readCloseAsk(params: JsonValue): number {
  return new AskParams("sandbox.close", params).integer("sandbox");
}

function readContainer(read: AskParams): Mounted<SandboxAsk> {
  return {
    index: read.integer("index"),
    name: read.text("name"),
    image: read.optionalText("image"),
    user: read.optionalText("user"),
    env: read.env("env"),
    mounts: read.mounts("mounts"),
    workDir: read.optionalText("workDir"),
    limits: read.limits("limits"),
    privileged: read.flag("privileged"),
  };
}
