import { type ExecStreams, openExec } from "../../kubernetes/mod.ts";
import { settledWithin, untilEnded } from "../until_ended.ts";
import type { TaskIo } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { driverError } from "./driver_errors.ts";
import { EndingFilter } from "./ending_filter.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { LAUNCHER, launchLine } from "./launch_line.ts";
import { CONTAINER } from "./pod_body.ts";
import { findPod } from "./pods.ts";

/** Signals all processes that carry a mark: `$1` the signal, `$2` the mark. Ends with 1 when there is none. */
const SIGNAL_SCRIPT = `exec 2>/dev/null
found=1
for dir in /proc/[0-9]*; do
  if tr '\\0' '\\n' < "$dir/environ" | grep -qxF "PD_EXEC=$2"; then
    kill -s "$1" "\${dir#/proc/}" && found=0
  fi
done
exit $found`;

/** A command in a pod that runs. */
export interface PodCommand {
  readonly podName: string;
  readonly command: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly workDir: string | undefined;
  readonly graceMs: number;
  /** Does what SIGTERM did not do; nothing when the pod goes anyhow. */
  readonly force?: (mark: string, ended: Promise<unknown>) => Promise<void>;
}

/** How it ended. */
export interface CommandEnd {
  readonly code: number;
  readonly isOutOfMemory: boolean;
}

/** Runs a command in a pod. An abort sends SIGTERM, and rejects after the grace at the latest. */
export async function runInPod(
  context: KubernetesContext,
  run: PodCommand,
  io: TaskIo,
): Promise<CommandEnd> {
  if (!run.command[0]) {
    throw new DriverError("TASK_INVALID", "Cannot run a command as it names no program");
  }
  io.signal.throwIfAborted();
  const mark = crypto.randomUUID();
  const ending = `\x1epd:${crypto.randomUUID()}:`;
  const line = launchLine({ ...run, mark, ending });
  using streams = await connect(context, run.podName, io.signal);
  await streams.write(new TextEncoder().encode(line));
  io.onStart?.();
  const feeding = new AbortController();
  const fed = feed(streams, io.stdin, feeding.signal);
  const ended = readAll(streams, ending, io);
  ended.catch(() => {});
  try {
    await untilEnded(ended, {
      signal: io.signal,
      clock: context.clock,
      graceMs: run.graceMs,
      terminate: () => signalAll(context, run.podName, { mark, ended }),
    });
    return await endOf(context, run.podName, await ended);
  } catch (error) {
    if (io.signal.aborted) await run.force?.(mark, ended);
    throw error;
  } finally {
    feeding.abort();
    streams[Symbol.dispose]();
    await Promise.allSettled([fed, ended]);
  }
}

/** Sends a signal to all processes of a command; whether there was one. */
export async function signalOnce(
  context: KubernetesContext,
  podName: string,
  { mark, name }: { readonly mark: string; readonly name: "TERM" | "KILL" },
): Promise<boolean> {
  using streams = await openExec(context.client, {
    namespace: context.namespace,
    pod: podName,
    container: CONTAINER,
    command: ["sh", "-c", SIGNAL_SCRIPT, "sh", name, mark],
    hasStdin: false,
  });
  return await streams.read({ onStdout() {}, onStderr() {} }) === 0;
}

/** SIGTERM, again until somebody takes it: the command may not have begun yet. */
async function signalAll(
  context: KubernetesContext,
  podName: string,
  { mark, ended }: { readonly mark: string; readonly ended: Promise<unknown> },
): Promise<void> {
  for (let again = 0; again < 20; again++) {
    if (await signalOnce(context, podName, { mark, name: "TERM" })) return;
    if (await settledWithin(ended, 50, context.clock)) return;
  }
}

async function connect(
  { client, namespace }: KubernetesContext,
  pod: string,
  signal: AbortSignal,
): Promise<ExecStreams> {
  try {
    return await openExec(client, {
      namespace,
      pod,
      container: CONTAINER,
      command: LAUNCHER,
      hasStdin: true,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw driverError(error);
  }
}

/** Writes stdin, then its end, until it is told to stop. */
async function feed(
  streams: ExecStreams,
  stdin: ReadableStream<Uint8Array> | undefined,
  signal: AbortSignal,
): Promise<void> {
  const reader = stdin?.getReader();
  const stop = () => void reader?.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (let part; reader && !(part = await reader.read()).done;) await streams.write(part.value);
    await streams.closeStdin();
  } catch {
    // The command has ended, or reads no more; how it ends is told elsewhere.
    await reader?.cancel().catch(() => {});
  }
}

/** The exit code, as the shell tells it on both streams or as the cluster does; undefined without one. */
function readAll(streams: ExecStreams, ending: string, io: TaskIo): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  let endings = 0;
  const onEnd = (code: number) => void (++endings === 2 && resolve(code));
  const stdout = new EndingFilter(ending, { onBytes: (bytes) => io.onStdout(bytes), onEnd });
  const stderr = new EndingFilter(ending, { onBytes: (bytes) => io.onStderr(bytes), onEnd });
  streams.read({
    onStdout: (bytes) => stdout.push(bytes),
    onStderr: (bytes) => stderr.push(bytes),
  }).then((code) => {
    stdout.flush();
    stderr.flush();
    resolve(code);
  }, reject);
  return promise;
}

async function endOf(
  context: KubernetesContext,
  podName: string,
  code: number | undefined,
): Promise<CommandEnd> {
  if (code !== undefined && code !== 137) return { code, isOutOfMemory: false };
  const pod = await findPod(context, podName).catch(() => undefined);
  const terminated = pod?.status?.containerStatuses?.[0]?.state?.terminated;
  if (terminated?.reason === "OOMKilled") return { code: 137, isOutOfMemory: true };
  if (code !== undefined) return { code, isOutOfMemory: false };
  const why = pod?.status?.message ?? terminated?.reason ?? "the connection broke";
  throw new DriverError(
    "DRIVER_UNAVAILABLE",
    `Cannot tell how a command in pod "${podName}" ends as ${why}`,
    { fix: "kubectl get events --sort-by=.lastTimestamp" },
  );
}
