import type { Clock } from "../clock/mod.ts";
import type { Redactor } from "../context/mod.ts";
import type { Driver, TaskSpec } from "../drivers/mod.ts";
import { PdError } from "../errors/mod.ts";
import { type NodeCall, type NodeOutcome, recordOf, SCRIPT_GRACE_MS } from "../executor/mod.ts";
import { OutputPipe, runCommand } from "../programs/mod.ts";
import type { ScriptNodeSpec } from "../spec/mod.ts";
import { renderEntries } from "./render_entries.ts";
import { scriptEnv } from "./script_env.ts";
import { scriptFailed } from "./script_failed.ts";
import { ScriptLog } from "./script_log.ts";
import { scriptProgram } from "./script_program.ts";
import type { ScriptSettings } from "./scripts.ts";

/** The kernel takes no longer argument than 128 KiB: a longer program goes into a file. */
const MAX_ARGUMENT_BYTES = 100_000;
/** What the driver sets and the engine's own environment may not have. */
const SET_BY_DRIVER = ["HOME", "TMPDIR", "LANG"] as const;

/** What a script runs with. */
export interface ScriptDeps extends ScriptSettings {
  readonly redactor: Redactor;
  readonly clock: Clock;
  open(): Promise<{ readonly driver: Driver; readonly bash: string }>;
}

/** One attempt at a script node. What it started is gone when this settles. */
export async function runScriptNode(
  call: NodeCall,
  spec: ScriptNodeSpec,
  deps: ScriptDeps,
): Promise<NodeOutcome> {
  try {
    if (call.signal.aborted) return { status: "cancelled" };
    const entries = renderEntries(call, spec);
    if (entries.length === 0) {
      call.onBegin();
      return { status: "succeeded", output: null };
    }
    return await execute(call, spec, { ...deps, entries });
  } catch (error) {
    if (call.signal.aborted) return { status: "cancelled" };
    if (!(error instanceof PdError)) throw error;
    return { status: "failed", error: recordOf(error), retry: { kind: "never" } };
  }
}

async function execute(
  call: NodeCall,
  spec: ScriptNodeSpec,
  deps: ScriptDeps & { readonly entries: readonly string[] },
): Promise<NodeOutcome> {
  const { driver, bash } = await deps.open();
  const { env, leftOut } = scriptEnv(call, spec, deps.env);
  if (leftOut.length > 0) {
    call.onLog({
      level: "warn",
      message: `No variable of the environment can hold ${leftOut.join(", ")}: ` +
        "the value is too long, or holds a NUL character",
    });
  }
  const program = scriptProgram(deps.entries, {
    cwd: deps.cwd,
    keepsGoing: spec.allowFailure,
    unset: SET_BY_DRIVER.filter((name) => env[name] === undefined),
  });
  const task = taskOf(call, program, { bash, env });
  const stdout = pipeOf("stdout", call, deps);
  const stderr = pipeOf("stderr", call, deps);
  const command = runCommand((io) => driver.run(task, io), {
    signals: [call.signal],
    stdout: stdout.pipe,
    stderr: stderr.pipe,
    clock: deps.clock,
    onStart: () => call.onBegin(),
  });
  // One that is told to stop may still have something to say.
  const [ended] = await Promise.allSettled([command.result, command.settled]);
  stdout.log.end();
  stderr.log.end();
  if (ended.status === "rejected") throw ended.reason;
  const { code } = ended.value;
  return code === 0 ? { status: "succeeded", output: null } : scriptFailed(code);
}

function taskOf(
  { run, node, attempt }: NodeCall,
  program: string,
  { bash, env }: { readonly bash: string; readonly env: TaskSpec["env"] },
): TaskSpec {
  const bytes = new TextEncoder().encode(program);
  const isLong = bytes.length > MAX_ARGUMENT_BYTES;
  return {
    runId: run.id,
    id: `${node.id}-${attempt}`,
    name: node.id,
    image: undefined,
    pull: "never",
    command: [bash, "-c", isLong ? '. "$PD_SCRIPT_FILE"' : program],
    env,
    workDir: undefined,
    user: undefined,
    mounts: [],
    limits: {},
    privileged: false,
    killGraceMs: SCRIPT_GRACE_MS,
    stopSignal: "SIGINT",
    ...isLong ? { files: [{ name: "script.sh", variable: "PD_SCRIPT_FILE", content: bytes }] } : {},
  };
}

function pipeOf(stream: "stdout" | "stderr", call: NodeCall, { redactor, clock }: ScriptDeps) {
  const log = new ScriptLog(stream, { onLog: (line) => call.onLog(line), clock });
  const pipe = new OutputPipe({ redactor, keepBytes: 0, onText: (text) => log.write(text) });
  return { log, pipe };
}
