import { sleep } from "../../clock/mod.ts";
import type { ExecSpec, TaskIo, TaskResult } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { ApiError } from "./api_error.ts";
import type { Hijacked } from "./client.ts";
import { absoluteDir, envList } from "./container_body.ts";
import type { DockerContext } from "./docker_context.ts";
import { feedStdin } from "./feed_stdin.ts";
import { readFrames } from "./frames.ts";
import { HeldStart } from "./held_start.ts";
import { codeOfStartError } from "./start_error.ts";
import { settledWithin, untilEnded } from "../until_ended.ts";

/** Between SIGTERM and SIGKILL, and then until the sandbox itself is removed. */
const GRACE_MS = 5_000;
const FORCE_MS = 2_000;
/** How long the daemon may take to see an end, and how often it is asked. */
const ASK_AGAIN_MS = 5;
const ASK_TIMES = 400;
/** What every process of a command has in its environment, so that they can be found. */
const MARK = "PD_EXEC";
/** Signals all processes that carry a mark: `$1` the signal, `$2` the mark. Ends with 1 when there is none. */
const SIGNAL_SCRIPT = `exec 2>/dev/null
found=1
for dir in /proc/[0-9]*; do
  if tr '\\0' '\\n' < "$dir/environ" | grep -qxF "$2"; then
    kill -s "$1" "\${dir#/proc/}" && found=0
  fi
done
exit $found`;

/** One command in a container that runs. `remove` takes that away when the command cannot be stopped otherwise. */
export async function runExec(
  context: DockerContext,
  container: string,
  run: { readonly exec: ExecSpec; readonly io: TaskIo; remove(): Promise<void> },
): Promise<TaskResult> {
  const { exec, io } = run;
  if (!exec.command[0]) {
    throw new DriverError("TASK_INVALID", "Cannot run a command as it names no program");
  }
  io.signal.throwIfAborted();
  const mark = `${MARK}=${crypto.randomUUID().slice(0, 18)}`;
  const id = await createExec(context, container, {
    Cmd: exec.command,
    Env: [...envList(exec.env), mark],
    WorkingDir: exec.workDir === undefined ? "" : absoluteDir(exec.workDir),
    User: exec.user ?? "",
    AttachStdin: io.stdin !== undefined,
  });
  io.signal.throwIfAborted();
  const streams = await startExec(context, id).catch((error) => {
    const code = error instanceof ApiError ? codeOfStartError(error.message) : undefined;
    if (code === undefined) throw error;
    io.onStderr(new TextEncoder().encode(`${error.message}\n`));
    return code;
  });
  if (typeof streams === "number") return { code: streams };
  io.onStart?.();
  // What the runtime says of a program that it cannot start comes as if that had written it.
  const held = new HeldStart((bytes) => io.onStdout(bytes));
  const output = readFrames(streams.reader, {
    stdout: (bytes) => held.push(bytes),
    stderr: (bytes) => io.onStderr(bytes),
  });
  output.catch(() => {});
  const stopFeeding = io.stdin && feedStdin(streams, io.stdin);
  try {
    await untilEnded(output, {
      signal: io.signal,
      clock: context.clock,
      graceMs: GRACE_MS,
      terminate: () => signalAll(context, container, { exec, mark, ended: output }),
    });
    const code = await exitCode(context, id);
    const complaint = code === 126 || code === 127 ? held.text() : "";
    if (complaint === "") {
      held.release();
      return { code };
    }
    const startCode = codeOfStartError(complaint);
    if (startCode === undefined) throw new ApiError(400, complaint);
    held.release((bytes) => io.onStderr(bytes));
    return { code: startCode };
  } catch (error) {
    if (io.signal.aborted) await force(context, container, { ...run, mark, output });
    throw error;
  } finally {
    streams.close();
    await stopFeeding?.();
  }
}

/** After the grace: SIGKILL, and at last the end of the sandbox. At once when the command has ended. */
async function force(
  context: DockerContext,
  container: string,
  run: {
    readonly exec: ExecSpec;
    readonly mark: string;
    readonly output: Promise<void>;
    remove(): Promise<void>;
  },
): Promise<void> {
  const { clock } = context;
  if (await settledWithin(run.output, 0, clock)) return;
  const { exec, mark } = run;
  await signalOnce(context, container, { exec, mark, name: "KILL" }).catch(() => false);
  if (await settledWithin(run.output, FORCE_MS, clock)) return;
  await run.remove().catch(() => {});
}

/** SIGTERM, again until somebody takes it: the command may not have begun yet. */
async function signalAll(
  context: DockerContext,
  container: string,
  run: { readonly exec: ExecSpec; readonly mark: string; readonly ended: Promise<void> },
): Promise<void> {
  for (let again = 0; again < 20; again++) {
    if (await signalOnce(context, container, { ...run, name: "TERM" })) return;
    if (await settledWithin(run.ended, 50, context.clock)) return;
  }
}

async function signalOnce(
  context: DockerContext,
  container: string,
  run: { readonly exec: ExecSpec; readonly mark: string; readonly name: "TERM" | "KILL" },
): Promise<boolean> {
  const id = await createExec(context, container, {
    Cmd: ["sh", "-c", SIGNAL_SCRIPT, "sh", run.name, run.mark],
    // As that user: without a right that containers lack, root does not see the environment of others.
    User: run.exec.user ?? "",
  });
  const streams = await startExec(context, id);
  try {
    await readFrames(streams.reader, { stdout() {}, stderr() {} });
  } finally {
    streams.close();
  }
  return await exitCode(context, id) === 0;
}

async function createExec(
  { client }: DockerContext,
  container: string,
  body: { readonly [key: string]: unknown },
): Promise<string> {
  const { Id } = await client.ask<{ Id: string }>({
    method: "POST",
    path: `/containers/${container}/exec`,
    json: { AttachStdout: true, AttachStderr: true, Tty: false, ...body },
  });
  return Id;
}

async function startExec({ client }: DockerContext, id: string): Promise<Hijacked> {
  const json = { Detach: false, Tty: false };
  return await client.hijack({ method: "POST", path: `/exec/${id}/start`, json });
}

/** Its output may end a moment before the daemon has seen its end. */
async function exitCode({ client, clock }: DockerContext, id: string): Promise<number> {
  for (let asked = 1;; asked++) {
    const { Running, ExitCode } = await client.ask<{ Running: boolean; ExitCode: number | null }>({
      method: "GET",
      path: `/exec/${id}/json`,
    });
    if (!Running && ExitCode !== null) return ExitCode;
    if (asked === ASK_TIMES) throw new ApiError(500, "a command has ended without an exit code");
    await sleep(ASK_AGAIN_MS, clock);
  }
}
