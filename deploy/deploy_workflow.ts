import { type Applied, applyAll } from "./apply.ts";
import type { KubernetesObject } from "./objects.ts";
import type { Operation } from "./operation.ts";
import { prune, type Removed } from "./prune.ts";
import { waitRollout } from "./wait_rollout.ts";
import { withProgress } from "./with_progress.ts";

/** How a workflow is deployed. */
export interface DeployOptions {
  readonly force: boolean;
  readonly wait: boolean;
  readonly timeoutMs: number;
  onApplied?(applied: Applied): void;
  onRemoved?(removed: Removed): void;
  /** What could not be removed, for want of a right. */
  onLeft?(message: string): void;
  onProgress?(message: string): void;
  onWarning?(message: string): void;
  /** What may not be shown of a pod's log. */
  redact?(text: string): string;
}

/** What a deploy did. */
export interface Deployed {
  readonly applied: readonly Omit<Applied, "object">[];
  readonly removed: readonly Removed[];
  /** How many pods are available; undefined when nobody waited. */
  readonly rollout: string | undefined;
}

/**
 * Puts a workflow on a cluster: applies its objects, removes what it no longer has, and waits for its pods.
 * Doing it again changes nothing.
 *
 * @throws {CodedError} see `applyAll` and `waitRollout`; what was applied stays, and the old pods serve on
 */
export async function deployWorkflow(
  operation: Operation,
  name: string,
  { objects, options }: {
    readonly objects: readonly KubernetesObject[];
    readonly options: DeployOptions;
  },
): Promise<Deployed> {
  const applied = await applyAll(operation, objects, options);
  try {
    const removed = await prune(operation, name, {
      keep: objects,
      onLeft: (message) => options.onLeft?.(message),
    });
    for (const one of removed) options.onRemoved?.(one);
    const rollout = options.wait ? await waitRollout(operation, name, options) : undefined;
    return {
      applied: applied.map(({ kind, name, change }) => ({ kind, name, change })),
      removed,
      rollout,
    };
  } catch (error) {
    throw withProgress(error, "everything was applied before it");
  }
}
