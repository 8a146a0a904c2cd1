import { nameOf } from "../names.ts";
import type { ContainerSpec } from "../driver.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { marksOf } from "./labels.ts";
import { untilStarted } from "./pod_start.ts";
import { createPod, removePod } from "./pods.ts";

/**
 * Waits for SIGTERM, and reaps what has lost its parent. Whatever else runs in the container ends with it, as
 * it is process 1 there.
 */
const KEEPER = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 86400 & wait $!; done"];

/** A pod that stays until it is removed; undefined when its image has no shell. It is gone when this rejects. */
export async function startKeeperPod(
  context: KubernetesContext,
  spec: ContainerSpec,
  options: { readonly id: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { id, signal } = options;
  signal.throwIfAborted();
  const podName = await nameOf(spec.name, [context.nonce, spec.runId, id]);
  try {
    await createPod(context, spec, {
      podName,
      marks: await marksOf(context, { runId: spec.runId, task: id }),
      command: KEEPER,
      hasEnv: false,
      graceSeconds: 1,
    });
    const start = await untilStarted(context, spec, { podName, signal });
    if (start.kind === "running") return podName;
  } catch (error) {
    await removePod(context, podName).catch(() => {});
    signal.throwIfAborted();
    throw error;
  }
  await removePod(context, podName);
  return undefined;
}
