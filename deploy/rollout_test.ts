import assert from "node:assert/strict";
import type { Deployment, KubernetesEvent, Pod } from "./objects.ts";
import { explainWaiting, judgeRollout, type RolloutState } from "./rollout.ts";

interface Moment {
  readonly deployment: Deployment;
  readonly pods: readonly Pod[];
  readonly events: readonly KubernetesEvent[];
}

interface Watched {
  readonly kubectl?: { readonly code?: number };
  readonly watches: readonly {
    readonly of: "deployments" | "pods";
    readonly note?: string;
    readonly applied: Deployment;
    readonly lines: readonly {
      readonly atMs: number;
      readonly type: string;
      readonly object: Deployment | Pod;
    }[];
  }[];
  readonly end: Partial<Moment>;
}

async function read<T>(name: string): Promise<T> {
  return JSON.parse(
    await Deno.readTextFile(new URL(`testdata/rollout/${name}.json`, import.meta.url)),
  );
}

/** What a recording of a failure leads to: the reason as soon as it shows, or at the deadline, and its words. */
const FAILURES: readonly {
  readonly name: string;
  /** As soon as the symptom shows; `waiting` when that may still pass. */
  readonly early: string;
  readonly reason: string;
  readonly says: RegExp;
  readonly fix: RegExp;
}[] = [
  {
    name: "fail-command-missing",
    early: "command",
    reason: "command",
    says: /^its program cannot be started: failed to load \/nope: no such file or directory$/,
    fix: /^pd build \. --push/,
  },
  {
    name: "fail-crashloop",
    early: "crash",
    reason: "crash",
    says: /^its program ended with exit code 1$/,
    fix: /^pd logs crashloop -n fail-ns --previous$/,
  },
  {
    name: "fail-image-never",
    early: "image",
    reason: "image",
    says: /^its image "lab.local\/none:1" is not on the node and may not be pulled$/,
    fix: /^pd build/,
  },
  {
    name: "fail-imagename-invalid",
    early: "waiting",
    reason: "image_name",
    says: /is no name of an image$/,
    fix: /--image/,
  },
  {
    name: "fail-imagepull-dns",
    early: "image",
    reason: "image",
    says: /^its image "registry.invalid\/nope:1" cannot be pulled: .*no such host$/,
    fix: /^pd build \. --push -t registry.invalid\/nope:1$/,
  },
  {
    name: "fail-imagepull-notfound",
    early: "image",
    reason: "image",
    says: /cannot be pulled: failed to resolve image: 127.0.0.1:5000\/nope:1: not found$/,
    fix: /^pd build/,
  },
  {
    name: "fail-nonroot-image",
    early: "container_config",
    reason: "container_config",
    says: /^its container cannot be made: container has runAsNonRoot and image will run as root$/,
    fix: /^pd build/,
  },
  {
    name: "fail-oom-gvisor",
    early: "memory",
    reason: "memory",
    says: /OOMKilled/,
    fix: /^workflow.yaml: memory/,
  },
  {
    name: "fail-oom-runc",
    early: "memory",
    reason: "memory",
    says: /OOMKilled/,
    fix: /^workflow.yaml: memory/,
  },
  {
    name: "fail-psa-violation",
    early: "pod_security",
    reason: "pod_security",
    says: /enforces the pod security level "restricted": violates PodSecurity.*allowPrivilege/,
    fix: /^pd deploy/,
  },
  {
    name: "fail-quota",
    early: "quota",
    reason: "quota",
    says: /^the quota of its namespace is used up: exceeded quota: q, requested: pods=1/,
    fix: /^kubectl describe quota q -n quota-ns$/,
  },
  {
    name: "fail-runtimeclass-missing",
    early: "runtime_class",
    reason: "runtime_class",
    says: /^the cluster has no RuntimeClass "kata"$/,
    fix: /--runtime-class ""$/,
  },
  {
    name: "fail-runtimeclass-nohandler",
    early: "runtime_class",
    reason: "runtime_class",
    says: /^the node has no handler "nohandler" for its RuntimeClass$/,
    fix: /--runtime-class ""$/,
  },
  {
    name: "fail-secret-missing",
    early: "waiting",
    reason: "secret",
    says: /^its secret "secret-missing-secrets" is missing$/,
    fix: /^pd deploy \. -n fail-ns --secrets/,
  },
  {
    name: "fail-serviceaccount-missing",
    early: "service_account",
    reason: "service_account",
    says: /^its ServiceAccount "nope" is missing$/,
    fix: /^kubectl create serviceaccount nope -n fail-ns$/,
  },
  {
    name: "fail-startup-failing",
    early: "waiting",
    reason: "startup",
    says:
      /^it did not start in time: Startup probe failed: HTTP probe failed with statuscode: 503$/,
    fix: /^pd logs startup-failing/,
  },
  {
    name: "fail-unready",
    early: "waiting",
    reason: "unready",
    says: /^it runs and is not ready: Readiness probe failed/,
    fix: /^pd logs unready/,
  },
  {
    name: "fail-unschedulable",
    early: "waiting",
    reason: "unschedulable",
    says: /^no node has room for its pod: 0\/1 nodes are available: 1 Insufficient cpu\.$/,
    fix: /^kubectl describe nodes$/,
  },
];

for (const { name, early, reason, says, fix } of FAILURES) {
  Deno.test(`judgeRollout() says why ${name} does not come up`, async () => {
    const { moments: [first, last] } = await read<{ readonly moments: readonly Moment[] }>(name);
    assert.ok(first !== undefined && last !== undefined);
    const begun = Date.parse(
      first.deployment.status?.conditions?.[0]?.lastTransitionTime ?? "",
    );
    const soon = judgeRollout({ ...first, now: begun + 1_000 });
    assert.equal(soon.status === "failed" ? soon.reason : soon.status, early);
    const state = judgeRollout({ ...last, now: begun + 25_000 });
    assertFailed(state);
    assert.equal(state.reason, reason);
    assert.match(state.message, says);
    assert.match(state.fix, fix);
    // Whoever waits no longer gets the same reason from what there is.
    assert.equal(explainWaiting({ ...last, now: begun }).reason, reason);
  });
}

Deno.test("every recording of a failed rollout has a row", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(new URL("testdata/rollout", import.meta.url))) {
    if (name.startsWith("fail-")) names.push(name.replace(/\.json$/, ""));
  }
  assert.deepEqual(names.sort(), FAILURES.map(({ name }) => name).sort());
});

Deno.test("a pod without a node fails once it has waited for one", async () => {
  const { moments: [first] } = await read<{ readonly moments: readonly Moment[] }>(
    "fail-unschedulable",
  );
  assert.ok(first !== undefined);
  const since = Date.parse(first.pods[0]?.metadata.creationTimestamp ?? "");
  assert.equal(judgeRollout({ ...first, now: since + 14_000 }).status, "waiting");
  assert.equal(judgeRollout({ ...first, now: since + 16_000 }).status, "failed");
});

/** The states that a watch goes through, each once. */
function statesOf({ watches, end }: Watched, index = 0): string[] {
  const watched = watches.filter((one) => one.of === "deployments")[index];
  assert.ok(watched !== undefined);
  const states: string[] = [];
  const { pods = [], events = [] } = end;
  for (const { object } of watched.lines) {
    const state = judgeRollout({
      deployment: object as Deployment,
      pods,
      events,
      now: 0,
    });
    const told = state.status === "failed" ? `failed ${state.reason}` : state.status;
    if (states.at(-1) !== told) states.push(told);
  }
  return states;
}

for (const name of ["watch-rollout-create", "watch-rollout-update"]) {
  Deno.test(`judgeRollout() follows ${name} to its end`, async () => {
    const recorded = await read<Watched>(name);
    assert.deepEqual(statesOf(recorded), ["waiting", "done"]);
  });
}

Deno.test("a rollout in which nothing changes is done at once", async () => {
  const { end, watches } = await read<Watched>("watch-rollout-noop");
  assert.deepEqual(watches[0]?.lines, []);
  assert.ok(end.deployment !== undefined);
  const state = judgeRollout({ deployment: end.deployment, pods: [], events: [], now: 0 });
  assert.equal(state.status, "done");
});

Deno.test("a bad image fails before the deadline while the old pod serves", async () => {
  const recorded = await read<Watched>("watch-rollout-update-failed");
  const { watches, end } = recorded;
  const states = statesOf(recorded);
  assert.equal(states[0], "waiting");
  assert.deepEqual(states.at(-1), "failed image");
  // The stale status of the first line reads as done by itself.
  const first = watches[0]?.lines[0]?.object as Deployment;
  assert.equal(first.status?.availableReplicas, 1);
  const failing = (watches[0]?.lines ?? []).map(({ object }) => object as Deployment).find((one) =>
    one.status?.updatedReplicas === 1 && one.status.replicas === 2
  );
  assert.ok(failing !== undefined);
  const { pods = [], events = [] } = end;
  const state = judgeRollout({ deployment: failing, pods, events, now: 0 });
  assertFailed(state);
  assert.equal(state.reason, "image");
  assert.equal(failing.status?.availableReplicas, 1);
});

Deno.test("a good image after a failed rollout is not failed by the stale condition", async () => {
  assert.deepEqual(statesOf(await read("rollout-recover"), 1), ["waiting", "done"]);
});

Deno.test("a pod that comes up after the deadline makes the rollout done after all", async () => {
  assert.deepEqual(statesOf(await read("rollout-recover"), 2), [
    "waiting",
    "failed deadline",
    "waiting",
    "done",
  ]);
});

Deno.test("a change of labels alone is done", async () => {
  assert.deepEqual(statesOf(await read("rollout-recover"), 3), ["done"]);
});

Deno.test("pods of older versions say nothing about a rollout", async () => {
  const { moments: [first] } = await read<{ readonly moments: readonly Moment[] }>(
    "fail-crashloop",
  );
  assert.ok(first !== undefined);
  const pods = first.pods.map((pod) => ({
    ...pod,
    metadata: { ...pod.metadata, ownerReferences: [{ kind: "ReplicaSet", name: "crashloop-old" }] },
  }));
  assert.equal(judgeRollout({ ...first, pods, now: 0 }).status, "waiting");
});

function assertFailed(
  state: RolloutState,
): asserts state is Extract<RolloutState, { status: "failed" }> {
  assert.equal(state.status, "failed");
}
