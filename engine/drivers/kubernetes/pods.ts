import { sleep } from "../../clock/mod.ts";
import { KubernetesError } from "../../kubernetes/mod.ts";
import type { ContainerSpec } from "../driver.ts";
import { isPodSecurity, refusedPod } from "./driver_errors.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import type { Marks } from "./labels.ts";
import { podBody, type PodRole } from "./pod_body.ts";

/** What we look at of a pod. */
export interface Pod {
  readonly metadata: Marks & { readonly name: string; readonly deletionTimestamp?: string };
  readonly status?: PodStatus;
}

export interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
  readonly containerStatuses?: readonly {
    readonly state?: {
      readonly waiting?: { readonly reason?: string; readonly message?: string };
      readonly running?: unknown;
      readonly terminated?: Terminated;
    };
  }[];
}

export interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

const GONE_LIMIT_MS = 30_000;

/** The path of all pods, or of one. */
export function podPath({ namespace }: KubernetesContext, name?: string): string {
  return `/api/v1/namespaces/${namespace}/pods${name === undefined ? "" : `/${name}`}`;
}

/**
 * Makes a pod: for the rules of the namespace, which are stricter than ours where it refuses the first form.
 * It is not aborted half-way, so that it is known afterwards whether there is one.
 */
export async function createPod(
  context: KubernetesContext,
  spec: ContainerSpec,
  role: Omit<PodRole, "posture">,
): Promise<void> {
  async function post(posture: PodRole["posture"]): Promise<void> {
    const json = await podBody(context, spec, { ...role, posture });
    const path = podPath(context);
    await context.client.ask({ method: "POST", path, json });
  }
  try {
    try {
      await post("baseline");
    } catch (error) {
      if (!isPodSecurity(error) || spec.privileged) throw error;
      await post("restricted");
    }
  } catch (error) {
    // Of an earlier try whose answer got lost.
    if (error instanceof KubernetesError && error.reason === "AlreadyExists") return;
    throw refusedPod(spec, error);
  }
}

/** Undefined when it is not there. */
export async function findPod(
  context: KubernetesContext,
  name: string,
  signal?: AbortSignal,
): Promise<Pod | undefined> {
  try {
    const path = podPath(context, name);
    return await context.client.ask<Pod>({ method: "GET", path, signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Ends a pod, and resolves when it is gone. One that no node answers for is taken out of the list by force. */
export async function removePod(
  context: KubernetesContext,
  name: string,
  graceSeconds = 1,
): Promise<void> {
  const { client, clock } = context;
  const path = podPath(context, name);
  async function ask(gracePeriodSeconds: number): Promise<boolean> {
    try {
      await client.ask({
        method: "DELETE",
        path,
        json: { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds },
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
  if (!await ask(graceSeconds)) return;
  const giveUpAt = clock.monotonic() + GONE_LIMIT_MS + graceSeconds * 1000;
  for (let waitMs = 20; clock.monotonic() < giveUpAt; waitMs = Math.min(waitMs * 2, 500)) {
    if (await findPod(context, name) === undefined) return;
    await sleep(waitMs, clock);
  }
  await ask(0);
}

/** Whether the cluster said that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 404;
}
