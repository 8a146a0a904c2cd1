import type { TaskIo, TaskResult, TaskSpec } from "../driver.ts";
import { driverError } from "./driver_errors.ts";
import { runInPod } from "./exec.ts";
import { runImage } from "./image_task.ts";
import { startKeeperPod } from "./keeper_pod.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { workDirOf } from "./pod_body.ts";
import { removePod } from "./pods.ts";
import { collectFiles, putFiles, variablesOf } from "./task_files.ts";

/**
 * Runs a task in a pod of its own: one that waits, and the command over a connection to it, as that is how the
 * two streams stay apart. What the image itself would run, or one without a shell, runs as the pod.
 */
export async function runTask(
  context: KubernetesContext,
  task: TaskSpec,
  io: TaskIo,
): Promise<TaskResult> {
  const { signal } = io;
  if (task.command === undefined) return await runImage(context, task, io);
  const podName = await startKeeperPod(context, task, { id: task.id, signal });
  if (podName === undefined) return await runImage(context, task, io);
  let result: TaskResult;
  try {
    const files = task.files ?? [];
    await putFiles(context, podName, { files, signal });
    const { code, isOutOfMemory } = await runInPod(context, {
      podName,
      command: task.command,
      env: { ...task.env, ...variablesOf(files) },
      workDir: workDirOf(task),
      graceMs: task.killGraceMs,
    }, io);
    result = isOutOfMemory ? { code, reason: "out_of_memory" } : { code };
    if (!isOutOfMemory) {
      const collected = await collectFiles(context, podName, { files, signal });
      if (collected !== undefined) result = { ...result, files: collected };
    }
  } catch (error) {
    await removePod(context, podName).catch(() => {});
    throw driverError(error);
  }
  try {
    await removePod(context, podName);
  } catch (error) {
    context.onWarning(`Cannot remove pod ${podName}: ${error}`);
  }
  return result;
}
