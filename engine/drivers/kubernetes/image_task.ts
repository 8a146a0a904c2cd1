import { sleep } from "../../clock/mod.ts";
import { nameOf } from "../names.ts";
import type { TaskIo, TaskResult, TaskSpec } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { driverError } from "./driver_errors.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { marksOf } from "./labels.ts";
import { untilStarted } from "./pod_start.ts";
import { createPod, findPod, podPath, removePod, type Terminated } from "./pods.ts";

const ASK_AGAIN_MS = 100;

/**
 * Runs a task as the pod itself: what the image runs, or a command in an image without a shell. Its output is
 * that of the pod's log, where both streams are one, and nothing goes in.
 *
 * @throws {DriverError} `NOT_SUPPORTED` for a task with stdin or files
 */
export async function runImage(
  context: KubernetesContext,
  task: TaskSpec,
  io: TaskIo,
): Promise<TaskResult> {
  refuse(task, io);
  const { signal } = io;
  signal.throwIfAborted();
  const podName = await nameOf(task.name, [context.nonce, task.runId, task.id, "image"]);
  const graceSeconds = Math.max(1, Math.ceil(task.killGraceMs / 1000));
  try {
    await createPod(context, task, {
      podName,
      marks: await marksOf(context, { runId: task.runId, task: task.id }),
      command: task.command,
      hasEnv: true,
      graceSeconds,
    });
    const start = await untilStarted(context, task, { podName, signal });
    if (start.kind === "no_program") {
      io.onStderr(new TextEncoder().encode(`${start.message}\n`));
      return { code: 127 };
    }
    io.onStart?.();
    await follow(context, podName, io);
    const { exitCode, reason } = await untilTerminated(context, podName, signal);
    return reason === "OOMKilled" ? { code: 137, reason: "out_of_memory" } : { code: exitCode };
  } catch (error) {
    signal.throwIfAborted();
    throw driverError(error);
  } finally {
    await removePod(context, podName, signal.aborted ? graceSeconds : 1).catch((error) => {
      context.onWarning(`Cannot remove pod ${podName}: ${error}`);
    });
  }
}

function refuse(task: TaskSpec, { stdin }: TaskIo): void {
  const files = task.files ?? [];
  if (stdin === undefined && files.length === 0) return;
  const what = stdin === undefined ? "files of its own" : "stdin";
  const why = task.command === undefined
    ? "only a command can be given them on a cluster: it runs what its image runs"
    : `its image has no shell "sh", and needs one for that: "${task.image}"`;
  throw new DriverError("NOT_SUPPORTED", `Cannot run "${task.name}" with ${what} as ${why}`, {
    fix: task.command === undefined ? "command: [program, …]" : "An image with a shell",
  });
}

async function follow(context: KubernetesContext, podName: string, io: TaskIo): Promise<void> {
  const { body } = await context.client.open({
    method: "GET",
    path: `${podPath(context, podName)}/log`,
    query: { follow: "true" },
    signal: io.signal,
  });
  if (body === null) return;
  for await (const bytes of body) io.onStdout(bytes);
}

async function untilTerminated(
  context: KubernetesContext,
  podName: string,
  signal: AbortSignal,
): Promise<Terminated> {
  for (;;) {
    const pod = await findPod(context, podName, signal);
    const terminated = pod?.status?.containerStatuses?.[0]?.state?.terminated;
    if (terminated !== undefined) return terminated;
    if (pod === undefined || pod.status?.phase === "Failed") {
      throw new DriverError(
        "DRIVER_UNAVAILABLE",
        `Cannot tell how pod "${podName}" ends as ${pod?.status?.message ?? "it was removed"}`,
      );
    }
    await sleep(ASK_AGAIN_MS, context.clock, signal);
    signal.throwIfAborted();
  }
}
