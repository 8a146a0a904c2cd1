import { sleep } from "../../clock/mod.ts";
import { KubernetesError } from "../../kubernetes/mod.ts";
import { nameOf } from "../names.ts";
import type { Volume, VolumeRequest } from "../driver.ts";
import { refusedPod } from "./driver_errors.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";
import { marksOf } from "./labels.ts";
import { isNotFound } from "./pods.ts";

const GONE_LIMIT_MS = 60_000;

/** Claims a volume. It exists once, however often this is asked. */
export async function createVolume(
  context: KubernetesContext,
  { runId, name, sizeMb }: VolumeRequest,
): Promise<Volume> {
  const { storageClass, access, volumeSize } = context.settings;
  const id = await nameOf(name, [context.nonce, runId, "volume", name]);
  try {
    await context.client.ask({
      method: "POST",
      path: claimPath(context),
      json: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: id, ...await marksOf(context, { runId }) },
        spec: {
          accessModes: [access],
          ...storageClass === undefined ? {} : { storageClassName: storageClass },
          resources: { requests: { storage: sizeMb === undefined ? volumeSize : `${sizeMb}Mi` } },
        },
      },
    });
  } catch (error) {
    if (!(error instanceof KubernetesError && error.reason === "AlreadyExists")) {
      throw refusedPod({ name, image: undefined }, error);
    }
  }
  return { id, runId, name };
}

/** Deletes a claim by its name, and waits until it is gone; the cluster keeps it while a pod uses it. */
export async function deleteVolume(context: KubernetesContext, id: string): Promise<void> {
  const { client, clock } = context;
  const path = claimPath(context, id);
  try {
    await client.ask({ method: "DELETE", path });
    const giveUpAt = clock.monotonic() + GONE_LIMIT_MS;
    for (let waitMs = 20; clock.monotonic() < giveUpAt; waitMs = Math.min(waitMs * 2, 500)) {
      await client.ask({ method: "GET", path });
      await sleep(waitMs, clock);
    }
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The path of all claims, or of one. */
export function claimPath({ namespace }: KubernetesContext, name?: string): string {
  const all = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  return name === undefined ? all : `${all}/${name}`;
}
