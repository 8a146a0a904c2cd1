import assert from "node:assert/strict";
import { fakeIo } from "../cli/fake_io.ts";
import { runCli } from "../cli/run_cli.ts";
import { connect, runByPod } from "../deploy/mod.ts";
import { type Clock, systemClock } from "../engine/clock/mod.ts";
import {
  type Exchange,
  KubernetesReplay,
  readRecording,
  readRights,
} from "./_kubernetes_replay.ts";

const NAMESPACE = "exec-ns";
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const POD = `${PODS}/hello-run-*`;
const IMAGE = "curl:1";
const DEPLOYMENT: Exchange = {
  method: "GET",
  path: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/hello`,
  status: 200,
  body: {
    metadata: { name: "hello", labels: { "app.kubernetes.io/managed-by": "pipedreamer" } },
    spec: { template: { spec: { runtimeClassName: "gvisor" } } },
  },
};

/** Answers of a real cluster to the making and the end of a pod. */
async function recordedPod(): Promise<
  { readonly made: Exchange; readonly removed: Exchange; readonly refused: readonly Exchange[] }
> {
  const [created, deleted] = await Promise.all(["pod-create", "pod-delete"].map(readRecording));
  const made = created?.find(({ status }) => status === 201);
  const removed = deleted?.find(({ path }) => path.includes("gracePeriodSeconds=0"));
  assert.ok(made !== undefined && removed !== undefined);
  return {
    made: { ...made, path: PODS },
    removed: { ...removed, path: POD },
    refused: (created ?? []).filter(({ status }) => status === 403)
      .map((one) => ({ ...one, path: PODS })),
  };
}

function podIs(status: object): Exchange {
  return { method: "GET", path: POD, status: 200, body: { metadata: { name: "x" }, status } };
}

function says(text: string): Exchange {
  return { method: "GET", path: `${POD}/log`, status: 200, text };
}

async function viaPod(replay: KubernetesReplay, ...words: string[]) {
  const io = fakeIo({ env: { KUBECONFIG: replay.kubeconfig, HOME: replay.folder } });
  const at = ["run", "--deployed", "hello", "--via", "pod", "-n", NAMESPACE];
  const code = await runCli([...at, ...words], io);
  return { code, ...io.written };
}

function removals({ changes }: KubernetesReplay): number {
  return changes.filter((one) => one.startsWith(`DELETE ${PODS}/hello-run-`)).length;
}

Deno.test("pod-create: pd run --via pod POSTs from a locked pod of its own, and removes it", async () => {
  const { made, removed } = await recordedPod();
  await using replay = await KubernetesReplay.start([
    DEPLOYMENT,
    made,
    podIs({ phase: "Pending" }),
    podIs({ phase: "Succeeded" }),
    says('{"success":true,\n\n"said":"pd-status:500"}\npd-status:200'),
    removed,
  ]);
  const input = { price: "$(KUBERNETES_SERVICE_HOST) $$(A) $5" };
  const run = await viaPod(replay, "--input", JSON.stringify(input), "--timeout", "30s");
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(JSON.parse(run.stdout), { success: true, said: "pd-status:500" });
  const pod = JSON.parse(replay.asked.find(({ method }) => method === "POST")?.body ?? "{}");
  assert.equal(pod.spec.runtimeClassName, "gvisor");
  assert.equal(pod.spec.automountServiceAccountToken, false);
  assert.equal(pod.spec.securityContext.runAsNonRoot, true);
  const [{ command, securityContext, image }] = pod.spec.containers;
  assert.match(image, /^docker\.io\/curlimages\/curl:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
  assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
  // As the kubelet hands it on.
  const [, data = ""] = /"-d","(.*?[^\\])",/.exec(JSON.stringify(command)) ?? [];
  assert.deepEqual(JSON.parse(JSON.parse(`"${data}"`).replaceAll("$$", "$")), input);
  assert.ok(!JSON.stringify(command).replaceAll("$$", "").includes("$"), "no dollar stands alone");
  assert.equal(command[command.indexOf("--max-time") + 1], "30");
  assert.equal(removals(replay), 1);
  assert.deepEqual(replay.problems, []);
});

Deno.test("pod-create: a failed run by a pod is exit code 1, and so is a pod that cannot be", async (t) => {
  const { made, removed, refused } = await recordedPod();
  const started = [DEPLOYMENT, made, removed];
  const done = podIs({ phase: "Succeeded" });
  const cases: readonly {
    readonly does: string;
    readonly exchanges: readonly Exchange[];
    readonly shows: RegExp;
    readonly made: number;
  }[] = [
    {
      does: "a run that failed",
      exchanges: [...started, done, says('{"success":false}\npd-status:500')],
      shows: /"success": false/,
      made: 1,
    },
    {
      does: "an engine that refuses",
      exchanges: [
        ...started,
        done,
        says('{"error":{"code":"DRAINING","message":"Cannot start"}}\npd-status:503'),
      ],
      shows: /RUN_REFUSED .* status 503: DRAINING: Cannot start/,
      made: 1,
    },
    {
      does: "curl that reaches nobody",
      exchanges: [
        ...started,
        podIs({ phase: "Failed" }),
        says("curl: (7) Failed to connect to hello.exec-ns.svc port 8080\n\npd-status:000"),
      ],
      shows: /WORKFLOW_UNREACHABLE .*: curl: \(7\) Failed to connect/,
      made: 1,
    },
    {
      does: "an image that cannot be pulled",
      exchanges: [
        ...started,
        podIs({
          phase: "Pending",
          containerStatuses: [{
            state: { waiting: { reason: "ImagePullBackOff", message: "no such host" } },
          }],
        }),
      ],
      shows: /WORKFLOW_UNREACHABLE .*: ImagePullBackOff: no such host\nfix: pd status hello/,
      made: 1,
    },
    ...refused.map((one) => ({
      does: one.note ?? "",
      exchanges: [DEPLOYMENT, one],
      shows: /WORKFLOW_UNREACHABLE .*: the cluster refuses its pod: pods "bad" is forbidden: /,
      made: 0,
    })),
  ];
  for (const { does, exchanges, shows, made } of cases) {
    await t.step(does, async () => {
      await using replay = await KubernetesReplay.start(exchanges);
      const { code, stdout, stderr } = await viaPod(replay);
      assert.equal(code, 1);
      assert.match(stdout + stderr, shows);
      assert.equal(removals(replay), made);
      assert.deepEqual(replay.problems, []);
    });
  }
});

Deno.test("a pod that may not be removed is named with the command that does it", async () => {
  const { made } = await recordedPod();
  const rows = await readRights();
  const said = rows.find(({ right }) => right === "pods delete")?.said ?? "";
  await using replay = await KubernetesReplay.start([
    DEPLOYMENT,
    made,
    podIs({ phase: "Succeeded" }),
    says('{"success":true}\npd-status:200'),
    {
      method: "DELETE",
      path: POD,
      status: 403,
      body: { kind: "Status", apiVersion: "v1", message: said, reason: "Forbidden", code: 403 },
    },
  ]);
  const { code, stderr } = await viaPod(replay);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /"hello-run-\w+" could not be removed: kubectl delete pod hello-run-\w+ -n /,
  );
});

Deno.test("a pod that finds no node is not waited for without end, and an interrupt removes it", async (t) => {
  const { made, removed } = await recordedPod();
  const pending = podIs({
    phase: "Pending",
    conditions: [{
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/1 nodes are available",
    }],
  });
  /** Each wait takes a minute of it. */
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    after: (_, callback) => systemClock.after(0, () => (nowMs += 60_000, callback())),
  };
  const start = async (replay: KubernetesReplay, signal?: AbortSignal) => {
    const env = () => undefined;
    const operation = await connect({
      kubeconfig: replay.kubeconfig,
      namespace: NAMESPACE,
      env,
      clock,
      signal,
    });
    using _ = operation.client;
    return await runByPod(operation, "hello", { input: {}, image: IMAGE });
  };
  await t.step("no node", async () => {
    await using replay = await KubernetesReplay.start([DEPLOYMENT, made, pending, removed]);
    await assert.rejects(start(replay), /Unschedulable: 0\/1 nodes are available/);
    assert.equal(removals(replay), 1);
  });
  await t.step("an interrupt", async () => {
    await using replay = await KubernetesReplay.start([DEPLOYMENT, made, pending, removed]);
    const stop = new AbortController();
    const isAsked = replay.untilAsked("-run-");
    const running = start(replay, stop.signal);
    await Promise.race([isAsked, running]);
    stop.abort();
    await assert.rejects(running, { name: "AbortError" });
    assert.equal(removals(replay), 1);
  });
});
