import assert from "node:assert/strict";
import { fakeIo } from "../cli/fake_io.ts";
import { runCli } from "../cli/run_cli.ts";
import { type Exchange, KubernetesReplay, readRecording } from "./_kubernetes_replay.ts";

const CANARY = 'canary-"51ab77"\nsecond-line-9c';
const NAMESPACE = "apply-ns";
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/hello`;
const APPLIED = [
  `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/hello`,
  `/api/v1/namespaces/${NAMESPACE}/secrets/hello-secrets`,
  `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies/hello`,
  `/api/v1/namespaces/${NAMESPACE}/services/hello`,
  DEPLOYMENT,
].map((path): Exchange => ({
  method: "PATCH",
  path,
  status: 201,
  body: { metadata: { name: "hello" } },
}));
const ABSENT: Exchange = {
  method: "GET",
  path: DEPLOYMENT,
  status: 404,
  body: { kind: "Status", apiVersion: "v1", reason: "NotFound", message: "not found" },
};

function pdWith(replay: KubernetesReplay, words: readonly string[]) {
  const io = fakeIo({ env: { KUBECONFIG: replay.kubeconfig, HOME: replay.folder } });
  const done = runCli([...words, "-n", NAMESPACE], io).then((code) => ({
    code,
    ...io.written,
    all: io.written.stdout + io.written.stderr,
  }));
  return { done, io };
}

async function pd(replay: KubernetesReplay, ...words: string[]) {
  return await pdWith(replay, words).done;
}

async function withWorkflow(work: (deploy: readonly string[]) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "pd told ü_" });
  try {
    await Deno.writeTextFile(
      `${dir}/workflow.yaml`,
      'name: hello\nversion: "1.0.0"\nnodes:\n  a: { path: ./a.ts }\n',
    );
    await Deno.writeTextFile(`${dir}/a.ts`, "export default () => 1;\n");
    await Deno.writeTextFile(
      `${dir}/.secrets.yaml`,
      `github: { token: ${JSON.stringify(CANARY)} }\n`,
    );
    await work(["deploy", dir, "--image", "r.io/hello:1"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** In plain and in the forms in which a cluster or a program would repeat it. */
function assertNoSecret(text: string): void {
  const data = btoa(JSON.stringify({ token: CANARY }));
  for (const form of [CANARY, JSON.stringify(CANARY), btoa(CANARY), data, "second-line-9c"]) {
    assert.ok(!text.includes(form), `the secret is shown as ${form}`);
  }
}

Deno.test("warnings: what the API server warns of is shown, and fails nothing", async () => {
  const recorded = await readRecording("warnings");
  await withWorkflow(async (deploy) => {
    for (const { warning, note } of recorded) {
      assert.ok(warning !== undefined);
      await using replay = await KubernetesReplay.start([
        ABSENT,
        ...APPLIED.map((one) => one.path === DEPLOYMENT ? { ...one, warning } : one),
      ]);
      const { code, stderr } = await pd(replay, ...deploy, "--no-wait");
      assert.equal(code, 0, note);
      assert.match(stderr, /\nwarning (would violate PodSecurity "restricted:latest": |spec\.)/);
      assert.doesNotMatch(stderr, /299|\\"/);
    }
  });
});

Deno.test("a token that runs out in the middle of a deploy, and an interrupt, say what was applied", async (t) => {
  const [expired] = (await readRecording("auth-errors")).filter(({ status }) => status === 401);
  assert.ok(expired !== undefined);
  await withWorkflow(async (deploy) => {
    await t.step("a token", async () => {
      await using replay = await KubernetesReplay.start([
        ABSENT,
        ...APPLIED.map((one) =>
          one.path === DEPLOYMENT ? { ...expired, method: "PATCH", path: DEPLOYMENT } : one
        ),
      ]);
      const { code, stderr } = await pd(replay, ...deploy);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /does not know who asks: Unauthorized; applied before it: ServiceAccount hello, Secret hello-secrets, NetworkPolicy hello, Service hello\nfix: /,
      );
    });
    await t.step("an interrupt", async () => {
      await using replay = await KubernetesReplay.start([ABSENT, ...APPLIED]);
      replay.silentAt = `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies`;
      const isAsked = replay.untilAsked("/networkpolicies");
      const { done, io } = pdWith(replay, deploy);
      await Promise.race([isAsked, done]);
      io.controller.abort();
      const { code, stderr } = await done;
      assert.equal(code, 130);
      assert.match(
        stderr,
        /interrupted; applied before it: ServiceAccount hello, Secret hello-secrets\n/,
      );
    });
  });
});

Deno.test("secrets of .secrets.yaml are in no line of a crash, in no warning and no answer, however encoded", async () => {
  const recorded = await readRecording("fail-crashloop");
  const renamed: Exchange[] = JSON.parse(
    JSON.stringify(recorded).replaceAll("crashloop", "hello").replaceAll("fail-ns", NAMESPACE),
  );
  const data = btoa(JSON.stringify({ token: CANARY }));
  const text = [JSON.stringify(CANARY), btoa(CANARY), data, ...CANARY.split("\n")].join("\n");
  await withWorkflow(async (deploy) => {
    const crashed = renamed.find(({ method, path }) =>
      method === "GET" && path.startsWith(DEPLOYMENT)
    );
    assert.ok(crashed !== undefined);
    await using replay = await KubernetesReplay.start([
      ABSENT,
      ...APPLIED.map((one) => ({ ...one, warning: `299 - "${btoa(CANARY)} ${data}"` })),
      crashed,
      ...renamed.filter(({ path }) => /\/(pods|events)(\?|$)/.test(path)),
      ...renamed.filter(({ path }) => path.includes("/log?")).map((one) => ({ ...one, text })),
    ]);
    const { code, stderr, all } = await pd(replay, ...deploy, "-v");
    assert.equal(code, 1);
    assert.match(stderr, /ROLLOUT_FAILED .*it last said:\n {2}.*\*\*\*/);
    assertNoSecret(all);
    await using offline = await KubernetesReplay.start([]);
    for (const words of [["--dry-run"], ["--dry-run", "-o", "json"]]) {
      const dry = await pd(offline, ...deploy, ...words);
      assert.equal(dry.code, 0);
      assert.match(dry.stdout, /github"?: "?\*\*\*/);
      assertNoSecret(dry.all);
    }
  });
});

Deno.test("apply-conflict: pd rollback names who has changed the Deployment, and --force takes it back", async () => {
  const conflict = (await readRecording("apply-conflict")).find(({ note }) =>
    note === "our apply without force now conflicts"
  );
  assert.ok(conflict !== undefined);
  const set = (revision: string) => ({
    metadata: {
      name: `hello-${revision}`,
      annotations: { "deployment.kubernetes.io/revision": revision },
      ownerReferences: [{ kind: "Deployment", name: "hello" }],
    },
    spec: { template: { spec: { containers: [{ name: "engine", image: `r.io/h:${revision}` }] } } },
  });
  const deployed: Exchange = {
    ...ABSENT,
    status: 200,
    body: {
      metadata: {
        name: "hello",
        labels: { "app.kubernetes.io/managed-by": "pipedreamer" },
        annotations: {
          "deployment.kubernetes.io/revision": "2",
          "pipedreamer.dev/rights": "{}",
          team: "a",
        },
      },
      spec: { replicas: 3, template: { spec: { containers: [] } } },
    },
  };
  await using replay = await KubernetesReplay.start([
    deployed,
    {
      method: "GET",
      path: `/apis/apps/v1/namespaces/${NAMESPACE}/replicasets`,
      status: 200,
      body: { metadata: {}, items: [set("1"), set("2")] },
    },
    conflict,
    { method: "PATCH", path: DEPLOYMENT, status: 200, body: { metadata: { name: "hello" } } },
  ]);
  const refused = await pd(replay, "rollback", "hello", "--no-wait");
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /APPLY_CONFLICT .*\.spec\.replicas \("kubectl"\); nothing was applied/,
  );
  assert.match(refused.stderr, /\nfix: pd rollback hello --to 1 -n apply-ns --force\n/);
  const { code, stdout } = await pd(
    replay,
    ...["rollback", "hello", "--to", "1", "--force", "--no-wait"],
  );
  assert.equal(code, 0);
  assert.match(stdout, /^hello is back at revision 1: r\.io\/h:1\n$/);
  const patches = replay.asked.filter(({ method }) => method === "PATCH");
  assert.deepEqual(patches.map(({ query }) => query.get("force")), ["false", "true"]);
  // The next deploy is to tell its rights anew.
  assert.deepEqual(JSON.parse(patches[1]?.body ?? "{}").metadata.annotations, { team: "a" });
  assert.deepEqual(replay.problems, []);
});

Deno.test("a deploy after a rollback tells all rights", async () => {
  await withWorkflow(async (deploy) => {
    await using replay = await KubernetesReplay.start([...APPLIED, {
      ...ABSENT,
      status: 200,
      body: {
        metadata: { name: "hello", labels: { "app.kubernetes.io/managed-by": "pipedreamer" } },
        spec: { template: {} },
      },
    }]);
    const { code, stderr } = await pd(replay, ...deploy, "--no-wait");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /may do now is not known.*\n {2}a: net any host\n/);
  });
});

Deno.test("cronjob-forbid: pd status shows the run that goes on, and the tick that was left out", async () => {
  const recorded = await readRecording("cronjob-forbid");
  const [cron, events] = recorded;
  const name = "hello-cron-slow";
  await using replay = await KubernetesReplay.start([
    {
      ...ABSENT,
      status: 200,
      body: {
        metadata: { name: "hello", labels: { "app.kubernetes.io/managed-by": "pipedreamer" } },
        spec: { template: {} },
      },
    },
    {
      method: "GET",
      path: `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs`,
      status: 200,
      body: { metadata: {}, items: [cron?.body] },
    },
    {
      method: "GET",
      path: `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`,
      status: 200,
      body: {
        metadata: {},
        items: [{
          metadata: { name: `${name}-1`, ownerReferences: [{ kind: "CronJob", name }] },
          status: { active: 1 },
        }],
      },
    },
    {
      method: "GET",
      path: `/api/v1/namespaces/${NAMESPACE}/events`,
      status: 200,
      body: events?.body,
    },
  ]);
  const { stdout } = await pd(replay, "status", "hello", "--detail");
  assert.match(stdout, /hello-cron-slow .*running/);
  assert.match(
    stdout,
    /JobAlreadyActive.*prior execution is running and concurrency policy is Forbid/,
  );
  assert.deepEqual(replay.problems, []);
});

Deno.test("job-manual: pd undeploy removes a Job that somebody started by hand, with its pods", async () => {
  const removed = (await readRecording("job-manual")).find(({ path }) =>
    path.includes("propagationPolicy=Background")
  );
  assert.ok(removed !== undefined);
  const job = "hello-manual-dead";
  await using replay = await KubernetesReplay.start([
    ABSENT,
    ...APPLIED.map(({ path }) => ({ ...ABSENT, path })),
    { ...removed, path: `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${job}` },
    {
      method: "GET",
      path: `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`,
      status: 200,
      body: {
        metadata: {},
        items: [{ metadata: { name: job } }, {
          metadata: { name: "of-cron", ownerReferences: [{ kind: "CronJob", name: "hello-cron" }] },
        }],
      },
    },
  ]);
  const { code, stdout } = await pd(replay, "undeploy", "hello", "--yes");
  assert.equal(code, 0);
  assert.match(stdout, /removed hello from apply-ns: Job hello-manual-dead\n/);
  assert.ok(!replay.changes.some((one) => one.includes("of-cron")));
  // Without the policy the pods of a Job would stay.
  assert.deepEqual(replay.problems, []);
});

Deno.test("unreachable: an unknown host and a certificate of somebody else are told apart", async () => {
  await using replay = await KubernetesReplay.start([]);
  const config = JSON.parse(await Deno.readTextFile(replay.kubeconfig));
  const { cluster } = config.clusters[0];
  const server: string = cluster.server;
  for (
    const [entry, says] of [
      [{ ...cluster, server: "https://no-such-host.invalid:6443" }, /as its host is not known\n/],
      [{ server }, /as its certificate is not trusted: /],
    ] as const
  ) {
    config.clusters[0].cluster = entry;
    await Deno.writeTextFile(replay.kubeconfig, JSON.stringify(config));
    const begun = performance.now();
    const { code, stderr } = await pd(replay, "status", "hello");
    assert.equal(code, 1);
    assert.match(stderr, /KUBERNETES_UNAVAILABLE Cannot reach context "test" at https:/);
    assert.match(stderr, says);
    assert.match(stderr, /\nfix: kubectl cluster-info\n/);
    assert.ok(performance.now() - begun < 10_000);
  }
});
