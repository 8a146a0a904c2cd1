import { sleep } from "../engine/clock/mod.ts";
import { CodedError } from "../engine/errors/mod.ts";
import { KubernetesError, watch } from "../engine/kubernetes/mod.ts";
import { listObjects } from "./list_objects.ts";
import type { Deployment, KubernetesEvent, Pod } from "./objects.ts";
import { ANSWER_MS, type Operation } from "./operation.ts";
import { lastLines } from "./pod_log.ts";
import { engineSelector, pathOf, resourceOf } from "./resources.ts";
import { explainWaiting, judgeRollout, type RolloutFailed, type RolloutView } from "./rollout.ts";

/** How a rollout is waited for. */
export interface WaitOptions {
  readonly timeoutMs: number;
  /** Each time it gets further. */
  onProgress?(message: string): void;
  /** What may not be shown of a log. */
  redact?(text: string): string;
}

const PODS = { kind: "Pod", group: "", version: "v1", plural: "pods" };
const EVENTS = { kind: "Event", group: "", version: "v1", plural: "events" };
/** The Deployment is watched; pods and events are asked for. */
const LOOK_MS = 1_000;
const LOG_LINES = 10;
/** An API server that is being replaced is back after a few looks. */
const MISSES = 5;

/**
 * Waits until the pods of a workflow are the new ones.
 *
 * @throws {CodedError} `ROLLOUT_FAILED` with the reason, as soon as there is one that waiting does not cure;
 * `ROLLOUT_TIMEOUT` with the best-known one
 */
export async function waitRollout(
  operation: Operation,
  name: string,
  options: WaitOptions,
): Promise<string> {
  const { clock, signal } = operation;
  const deadline = clock.monotonic() + options.timeoutMs;
  let told = "";
  let misses = 0;
  for (;;) {
    let view: RolloutView;
    try {
      view = await look(operation, name);
      misses = 0;
    } catch (error) {
      const isGone = error instanceof KubernetesError && error.code === "KUBERNETES_UNAVAILABLE";
      if (!isGone || ++misses >= MISSES || clock.monotonic() >= deadline) throw error;
      await sleep(LOOK_MS, clock, signal);
      continue;
    }
    const state = judgeRollout(view);
    if (state.status === "done") return state.message;
    if (state.status === "failed") {
      throw await failure(operation, view, { state, options, code: "ROLLOUT_FAILED" });
    }
    if (state.message !== told) options.onProgress?.(told = state.message);
    const leftMs = deadline - clock.monotonic();
    if (leftMs <= 0) {
      const state = explainWaiting(view);
      throw await failure(operation, view, { state, options, code: "ROLLOUT_TIMEOUT" });
    }
    await changed(operation, view.deployment, Math.min(LOOK_MS, leftMs));
  }
}

/** Everything that a rollout is judged by, as it is now. */
export async function look(operation: Operation, name: string): Promise<RolloutView> {
  const { client, namespace, clock, signal } = operation;
  const [deployment, pods, events] = await Promise.all([
    client.ask<Deployment>({
      method: "GET",
      path: pathOf(resourceOf("Deployment"), namespace, name),
      timeoutMs: ANSWER_MS,
      signal,
    }),
    listObjects<Pod>(operation, PODS, { namespace, labels: engineSelector(name) }),
    listObjects<KubernetesEvent>(operation, EVENTS, { namespace }),
  ]);
  const own = events.filter(({ involvedObject }) =>
    involvedObject.name === name || involvedObject.name?.startsWith(`${name}-`)
  );
  return { deployment, pods, events: own, now: clock.now() };
}

/** Until the Deployment changes, and no longer than `limitMs`. */
async function changed(
  { client, namespace, clock, signal }: Operation,
  { metadata: { name, resourceVersion } }: Deployment,
  limitMs: number,
): Promise<void> {
  const over = new AbortController();
  const cancel = clock.after(limitMs, () => over.abort());
  try {
    const events = watch<Deployment>(client, {
      path: pathOf(resourceOf("Deployment"), namespace),
      query: {
        fieldSelector: `metadata.name=${name}`,
        ...resourceVersion === undefined ? {} : { resourceVersion },
      },
      signal: signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]),
    });
    for await (const _ of events) return;
    // The server ended the watch: the look comes when it is due.
    await sleep(limitMs, clock, over.signal);
  } catch {
    // Time is up, or the watch cannot be had: the next look says which.
    if (!over.signal.aborted) await sleep(limitMs, clock, over.signal);
  } finally {
    cancel();
    over.abort();
  }
  signal?.throwIfAborted();
}

async function failure(
  operation: Operation,
  { deployment }: RolloutView,
  { state, options, code }: {
    readonly state: RolloutFailed;
    readonly options: WaitOptions;
    readonly code: "ROLLOUT_FAILED" | "ROLLOUT_TIMEOUT";
  },
): Promise<CodedError> {
  const { name } = deployment.metadata;
  const lines = state.logOf === undefined ? [] : await lastLines(operation, state.logOf.pod, {
    tail: LOG_LINES,
    previous: state.logOf.previous,
  }).catch(() => []);
  const redact = options.redact ?? ((text) => text);
  const log = lines.length === 0
    ? ""
    : `; it last said:\n${lines.map((line) => `  ${redact(line)}`).join("\n")}`;
  const serving = (deployment.status?.availableReplicas ?? 0) > 0
    ? " (the pod before it still serves)"
    : "";
  const rule = code === "ROLLOUT_FAILED"
    ? "its new pod must come up"
    : `its new pod must come up in ${options.timeoutMs / 1000} s`;
  return new CodedError(
    code,
    `Cannot deploy "${name}" as ${rule}${serving}: ${redact(state.message)}${log}`,
    { fix: state.fix },
  );
}
