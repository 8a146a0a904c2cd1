import { sleep } from "../engine/clock/mod.ts";
import { KubernetesError } from "../engine/kubernetes/mod.ts";
import { findDeployment } from "./find_deployment.ts";
import { listObjects } from "./list_objects.ts";
import type { Pod } from "./objects.ts";
import type { Operation } from "./operation.ts";
import { lastLines, openPodLog } from "./pod_log.ts";
import { engineSelector } from "./resources.ts";

/** Which lines of a workflow's log. */
export interface LogsRequest {
  readonly tail: number;
  readonly previous: boolean;
  readonly sinceSeconds: number | undefined;
}

/** A line of a pod's log. */
export interface PodLine {
  readonly pod: string;
  readonly text: string;
}

const PODS = { kind: "Pod", group: "", version: "v1", plural: "pods" };
const LOOK_MS = 1_000;
/** An API server that is being replaced is back after a few looks. */
const MISSES = 5;

/**
 * The last lines of every pod of a workflow, pod by pod, oldest pod first.
 *
 * @throws {CodedError} `NOT_DEPLOYED`
 */
export async function readLogs(
  operation: Operation,
  name: string,
  { tail, previous, sinceSeconds }: LogsRequest,
): Promise<{ readonly lines: readonly PodLine[]; readonly silent: readonly string[] }> {
  const pods = await findPods(operation, name);
  const all = await Promise.all(pods.map(async ({ metadata: { name: pod } }) => {
    const lines = await lastLines(operation, pod, {
      tail,
      previous,
      ...sinceSeconds === undefined ? {} : { sinceSeconds },
    });
    return { pod, lines };
  }));
  return {
    lines: all.flatMap(({ pod, lines }) => lines.map((text) => ({ pod, text }))),
    silent: all.flatMap(({ pod, lines }) => lines.length === 0 ? [pod] : []),
  };
}

/**
 * The lines of every pod of a workflow as they come, also of pods that come later and of containers that start
 * anew, until the signal of the operation aborts. A connection that breaks is made again.
 */
export async function followLogs(
  operation: Operation,
  name: string,
  { request, write, onPod }: {
    readonly request: Omit<LogsRequest, "previous">;
    write(line: PodLine): void;
    /** A pod that is followed from now on. */
    onPod?(pod: string): void;
  },
): Promise<void> {
  const { clock, signal } = operation;
  await findPods(operation, name);
  const followed = new Map<string, Promise<void>>();
  const ends = new AbortController();
  let failure: unknown;
  const within = {
    ...operation,
    signal: signal === undefined ? ends.signal : AbortSignal.any([signal, ends.signal]),
  };
  let isFirst = true;
  try {
    while (!signal?.aborted && failure === undefined) {
      const pods = await patiently(operation, () => listPods(operation, name));
      for (const { metadata: { name: pod } } of pods) {
        if (followed.has(pod)) continue;
        onPod?.(pod);
        // Of a pod that comes later all is new.
        const first = isFirst ? request : { tail: undefined, sinceSeconds: undefined };
        followed.set(
          pod,
          followPod(within, pod, { first, write }).catch((error) => {
            failure ??= error;
          }),
        );
      }
      isFirst = false;
      await sleep(LOOK_MS, clock, signal);
    }
    if (failure !== undefined && !signal?.aborted) throw failure;
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    ends.abort();
    await Promise.all(followed.values());
  }
}

/** One pod to its end, over all restarts of its container. */
async function followPod(
  operation: Operation,
  pod: string,
  { first, write }: {
    readonly first: {
      readonly tail: number | undefined;
      readonly sinceSeconds: number | undefined;
    };
    write(line: PodLine): void;
  },
): Promise<void> {
  const { clock, signal } = operation;
  let last = "";
  while (!signal?.aborted) {
    const from = last;
    const body = await patiently(operation, () =>
      openPodLog(operation, pod, {
        follow: true,
        timestamps: true,
        // From the second on it begins with the last second that was seen.
        ...from !== "" ? { sinceTime: from } : {
          ...first.tail === undefined ? {} : { tail: first.tail },
          ...first.sinceSeconds === undefined ? {} : { sinceSeconds: first.sinceSeconds },
        },
      }));
    if (body !== undefined) last = await copyLines(body, { last, pod, write });
    if (!(await sleep(LOOK_MS, clock, signal))) return;
    if (!(await patiently(operation, () => isThere(operation, pod)))) return;
  }
}

/** Writes lines that are newer than `last`, without their time, until the end of the stream or of its connection. */
async function copyLines(
  body: ReadableStream<Uint8Array>,
  { last, pod, write }: { last: string; pod: string; write(line: PodLine): void },
): Promise<string> {
  const seen = last;
  let rest = "";
  const take = (line: string) => {
    const at = line.indexOf(" ");
    const time = at < 0 ? line : line.slice(0, at);
    if (!isNewer(time, seen)) return;
    last = time;
    write({ pod, text: at < 0 ? "" : line.slice(at + 1) });
  };
  const reader = body.pipeThrough(decoder()).getReader();
  try {
    for (;;) {
      // Whoever asks next goes on after the last whole line.
      const part = await reader.read().catch(() => undefined);
      if (part === undefined) return last;
      if (part.done) break;
      const lines = (rest + part.value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
    }
    if (rest !== "") take(rest);
    return last;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Asks again while nobody answers. */
async function patiently<T>(
  { clock, signal }: Operation,
  ask: () => Promise<T>,
): Promise<T> {
  for (let misses = 1;; misses++) {
    try {
      return await ask();
    } catch (error) {
      const isGone = error instanceof KubernetesError && error.code === "KUBERNETES_UNAVAILABLE";
      if (!isGone || misses >= MISSES || signal?.aborted) throw error;
    }
    await sleep(LOOK_MS, clock, signal);
  }
}

/** RFC 3339 with up to nine digits of a second, which the kubelet cuts at the end where they are zeros. */
function isNewer(time: string, than: string): boolean {
  if (than === "") return true;
  return padded(time) > padded(than);
}

function padded(time: string): string {
  const [, head = time, digits = ""] = /^([^.Z]*)(?:\.(\d*))?Z?$/.exec(time) ?? [];
  return `${head}.${digits.padEnd(9, "0")}`;
}

function decoder(): TransformStream<Uint8Array, string> {
  return new TextDecoderStream() as TransformStream<Uint8Array, string>;
}

async function isThere(operation: Operation, pod: string): Promise<boolean> {
  const found = await listObjects<Pod>(operation, PODS, {
    namespace: operation.namespace,
    fields: `metadata.name=${pod}`,
  });
  return found.length > 0;
}

async function findPods(operation: Operation, name: string): Promise<readonly Pod[]> {
  const pods = await listPods(operation, name);
  // Only then: who may read logs may not be let to read Deployments.
  if (pods.length === 0) await findDeployment(operation, name);
  return pods;
}

async function listPods(operation: Operation, name: string): Promise<readonly Pod[]> {
  const pods = await listObjects<Pod>(operation, PODS, {
    namespace: operation.namespace,
    labels: engineSelector(name),
  });
  const bornAt = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? "") || 0;
  return pods.toSorted((a, b) => bornAt(a) - bornAt(b));
}
