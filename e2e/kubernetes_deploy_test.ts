import assert from "node:assert/strict";
import { fakeIo } from "../cli/fake_io.ts";
import { runCli } from "../cli/run_cli.ts";
import { type Exchange, KubernetesReplay, readRecording } from "./_kubernetes_replay.ts";

const CANARY = "canary-7f3b9c52e1";
const NAMESPACE = "apply-ns";
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/hello`;

const WORKFLOW = `name: hello
version: "1.0.0"
triggers:
  - { type: cron, name: daily, schedule: "0 9 * * *", timezone: Europe/Berlin }
nodes:
  greet:
    path: ./nodes/greet.ts
    permissions: { net: [api.github.com], secrets: [github] }
`;

/** A folder with a workflow and a secret. */
async function withWorkflow(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "pd_deploy_" });
  try {
    await Deno.mkdir(`${dir}/nodes`);
    await Deno.mkdir(`${dir}/.secrets`);
    await Deno.writeTextFile(`${dir}/workflow.yaml`, WORKFLOW);
    await Deno.writeTextFile(`${dir}/nodes/greet.ts`, "export default () => 1;\n");
    await Deno.writeTextFile(`${dir}/.secrets/github.json`, JSON.stringify({ token: CANARY }));
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Takes whatever is applied, as the kinds of a workflow have their paths. */
function applies(): Exchange[] {
  return [
    `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/hello`,
    `/api/v1/namespaces/${NAMESPACE}/secrets/hello-secrets`,
    `/api/v1/namespaces/${NAMESPACE}/services/hello`,
    `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies/hello`,
    `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/hello-cron`,
    DEPLOYMENT,
  ].map((path) => ({
    method: "PATCH",
    path,
    status: 201,
    body: { metadata: { name: "hello", data: { github: CANARY } } },
  }));
}

const MISSING: Exchange = {
  method: "GET",
  path: DEPLOYMENT,
  status: 404,
  body: { kind: "Status", apiVersion: "v1", message: "not found", reason: "NotFound" },
};

/** The Deployment as it is when its rollout is done. */
async function done(): Promise<Exchange> {
  const rollout = JSON.parse(
    await Deno.readTextFile(
      new URL("../deploy/testdata/rollout/watch-rollout-create.json", import.meta.url),
    ),
  );
  const { deployment } = rollout.end;
  const labels = { "app.kubernetes.io/managed-by": "pipedreamer" };
  const body = { ...deployment, metadata: { ...deployment.metadata, labels } };
  return { method: "GET", path: DEPLOYMENT, status: 200, body };
}

async function pd(replay: KubernetesReplay, ...words: string[]) {
  const io = fakeIo({ env: { KUBECONFIG: replay.kubeconfig, HOME: replay.folder } });
  const code = await runCli(words, io);
  return { code, ...io.written, all: io.written.stdout + io.written.stderr };
}

/** In plain and as Base64. */
function assertNoSecret(text: string): void {
  assert.ok(!text.includes(CANARY), "the secret is shown");
  assert.ok(!text.includes(btoa(CANARY).slice(0, 16)), "the secret is shown in Base64");
  assert.ok(!text.includes(btoa(JSON.stringify({ token: CANARY })).slice(0, 24)));
}

Deno.test("pd deploy applies what pods need before them, waits, and prints how to run it", async () => {
  await withWorkflow(async (dir) => {
    await using replay = await KubernetesReplay.start([...applies(), MISSING, await done()]);
    const { code, stdout, stderr, all } = await pd(
      replay,
      "deploy",
      dir,
      "--image",
      "r.io/hello:1",
      "-v",
    );
    assert.equal(code, 0, all);
    assert.match(stdout, /^hello 1\.0\.0 is up: 1 of 1 pods available, in apply-ns\n$/);
    assert.match(stderr, /greet: net api\.github\.com/);
    assert.match(stderr, /pd run --deployed hello -n apply-ns/);
    assert.match(stderr, /pd rollback hello -n apply-ns/);
    const kinds = replay.changes.filter((one) => one.startsWith("PATCH")).map((one) =>
      one.split("/").at(-2)
    );
    assert.deepEqual(kinds, [
      "serviceaccounts",
      "secrets",
      "networkpolicies",
      "services",
      "deployments",
      "cronjobs",
    ]);
    assert.deepEqual(replay.problems, []);
    assertNoSecret(all);
  });
});

Deno.test("pd deploy shows which rights a new version adds", async () => {
  await withWorkflow(async (dir) => {
    await using first = await KubernetesReplay.start([...applies(), MISSING]);
    assert.equal((await pd(first, "deploy", dir, "--image", "r.io/hello:1", "--no-wait")).code, 0);
    const applied = first.asked.find(({ method, path }) =>
      method === "PATCH" && path === DEPLOYMENT
    );
    await Deno.writeTextFile(
      `${dir}/workflow.yaml`,
      WORKFLOW.replace("[api.github.com]", "[api.github.com, example.com]"),
    );
    await using second = await KubernetesReplay.start([...applies(), {
      method: "GET",
      path: DEPLOYMENT,
      status: 200,
      body: JSON.parse(applied?.body ?? ""),
    }]);
    const { code, stderr } = await pd(
      second,
      "deploy",
      dir,
      "--image",
      "r.io/hello:2",
      "--no-wait",
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /\nimage: r\.io\/hello:1 -> r\.io\/hello:2\n/);
    assert.match(stderr, /\n\+ right of greet: net example\.com\n/);
  });
});

Deno.test("pd deploy removes a schedule that the workflow no longer has", async () => {
  await withWorkflow(async (dir) => {
    await using replay = await KubernetesReplay.start([...applies(), MISSING, {
      method: "GET",
      path: `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs`,
      status: 200,
      body: {
        metadata: {},
        items: ["hello-cron", "hello-cron-1"].map((name) => ({ metadata: { name } })),
      },
    }, {
      method: "DELETE",
      path: `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/hello-cron-1`,
      status: 200,
      body: { kind: "Status" },
    }]);
    const { code, stderr } = await pd(
      replay,
      "deploy",
      dir,
      "--image",
      "r.io/hello:1",
      "--no-wait",
    );
    assert.equal(code, 0);
    assert.match(stderr, /removed CronJob hello-cron-1/);
    assert.doesNotMatch(stderr, /removed CronJob hello-cron\n/);
    assert.deepEqual(replay.problems, []);
  });
});

Deno.test("a new pod that crashes fails the deploy early with its last lines, without secrets", async () => {
  await withWorkflow(async (dir) => {
    const recorded = await readRecording("fail-crashloop");
    const renamed: Exchange[] = JSON.parse(
      JSON.stringify(recorded).replaceAll("crashloop", "hello").replaceAll("fail-ns", NAMESPACE),
    );
    const [deployment] = renamed.filter(({ method, path }) =>
      method === "GET" && path.startsWith(DEPLOYMENT)
    );
    assert.ok(deployment !== undefined);
    const logs = renamed.filter(({ path }) => path.includes("/log?"));
    await using replay = await KubernetesReplay.start([
      ...applies(),
      MISSING,
      deployment,
      ...renamed.filter(({ path }) => /\/(pods|events)(\?|$)/.test(path)),
      ...logs.map((one) => ({ ...one, text: `starting\nbad token ${CANARY}\n` })),
    ]);
    const begun = performance.now();
    const { code, stderr, all } = await pd(replay, "deploy", dir, "--image", "r.io/hello:1");
    assert.equal(code, 1);
    assert.ok(performance.now() - begun < 5_000, "it does not wait for the deadline");
    assert.match(
      stderr,
      /ROLLOUT_FAILED Cannot deploy "hello" as its new pod must come up: its program ended with exit code 1; it last said:\n {2}starting\n {2}bad token \*\*\*/,
    );
    assertNoSecret(all);
  });
});

Deno.test("no value of a secret is in a diff, a dry run or an error", async (t) => {
  await withWorkflow(async (dir) => {
    await t.step("--diff", async () => {
      await using replay = await KubernetesReplay.start([
        ...applies(),
        ...applies().map((one) => ({
          ...one,
          method: "GET",
          status: 200,
        })),
      ]);
      const { code, stdout, all } = await pd(
        replay,
        "deploy",
        dir,
        "--image",
        "r.io/h:1",
        "--diff",
      );
      assert.equal(code, 0, all);
      assert.match(stdout, /objects would change; values of secrets are not shown/);
      const patches = replay.asked.filter(({ method }) => method === "PATCH");
      assert.ok(patches.every(({ query }) => query.get("dryRun") === "All"));
      const secrets = replay.asked.filter(({ path }) => path.includes("/secrets/"));
      assert.ok(secrets.every(({ accept }) => accept.includes("PartialObjectMetadata")));
    });
    await t.step("--dry-run", async () => {
      await using replay = await KubernetesReplay.start([]);
      const { code, all } = await pd(replay, "deploy", dir, "--image", "r.io/h:1", "--dry-run");
      assert.equal(code, 0);
      assertNoSecret(all);
      assert.deepEqual(replay.asked, []);
    });
    await t.step("an answer that repeats it", async () => {
      const refused: Exchange = {
        method: "PATCH",
        path: `/api/v1/namespaces/${NAMESPACE}/secrets/hello-secrets`,
        status: 422,
        body: {
          kind: "Status",
          apiVersion: "v1",
          message: `Secret "hello-secrets" is invalid: data: ${CANARY}`,
          reason: "Invalid",
          details: { causes: [{ field: "data[github]", message: `bad ${CANARY}` }] },
        },
      };
      const others = applies().filter(({ path }) => !path.includes("/secrets/"));
      await using replay = await KubernetesReplay.start([...others, refused, MISSING]);
      const { code, stderr, all } = await pd(replay, "deploy", dir, "--image", "r.io/h:1", "-v");
      assert.equal(code, 1);
      assert.match(
        stderr,
        /MANIFEST_INVALID .*: data\[github\]; applied before it: ServiceAccount hello/,
      );
      assertNoSecret(all);
    });
  });
});

Deno.test("pd deploy --diff tells that the value of a secret would change, and not what it is", async () => {
  const [now, same, other] = await readRecording("apply-secret-dry-run");
  assert.ok(now !== undefined && same !== undefined && other !== undefined);
  const others = applies().filter(({ path }) => !path.includes("/secrets/"));
  await withWorkflow(async (dir) => {
    for (
      const [answer, shown] of [
        [same, /\n {2}Secret hello-secrets \(unchanged\)\n/],
        [other, /\n~ Secret hello-secrets\n {4}data: "\*\*\*" -> "\*\*\*"\n/],
      ] as const
    ) {
      await using replay = await KubernetesReplay.start([...others, now, answer]);
      const { code, stdout, all } = await pd(
        replay,
        ...["deploy", dir, "--image", "r.io/h:1", "--diff"],
      );
      assert.equal(code, 0, all);
      assert.match(stdout, shown);
      assertNoSecret(all);
    }
  });
});

Deno.test("pd rollback applies the pods of the revision before, and pd versions lists both", async () => {
  const current = await done();
  const template = (image: string, version: string) => ({
    metadata: {
      labels: { "app.kubernetes.io/version": version, "pod-template-hash": "abc" },
      annotations: { "pipedreamer.dev/content-hash": image },
    },
    spec: { containers: [{ name: "engine", image }] },
  });
  const set = (revision: string, image: string) => ({
    metadata: {
      name: `hello-${revision}`,
      creationTimestamp: "2026-11-20T22:33:46Z",
      annotations: { "deployment.kubernetes.io/revision": revision },
      ownerReferences: [{ kind: "Deployment", name: "hello" }],
    },
    spec: { replicas: 0, template: template(image, `1.0.${revision}`) },
  });
  const body = current.body as { readonly metadata: object };
  const deployment = {
    ...current,
    body: {
      ...body,
      metadata: { ...body.metadata, annotations: { "deployment.kubernetes.io/revision": "3" } },
    },
  };
  await using replay = await KubernetesReplay.start([...applies(), deployment, {
    method: "GET",
    path: `/apis/apps/v1/namespaces/${NAMESPACE}/replicasets`,
    status: 200,
    body: { metadata: {}, items: [set("2", "r.io/hello:2"), set("3", "r.io/hello:3")] },
  }]);
  const versions = await pd(replay, "versions", "hello", "-o", "json");
  assert.deepEqual(
    JSON.parse(versions.stdout).versions.map((one: { revision: number }) => one.revision),
    [3, 2],
  );
  const { code, stdout, stderr } = await pd(replay, "rollback", "hello");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^hello is back at revision 2: 1\.0\.2 r\.io\/hello:2, /);
  const applied = JSON.parse(replay.asked.find(({ method }) => method === "PATCH")?.body ?? "{}");
  assert.equal(applied.spec.template.spec.containers[0].image, "r.io/hello:2");
  assert.equal(applied.spec.template.metadata.labels["pod-template-hash"], undefined);
  assert.equal(applied.metadata.labels["app.kubernetes.io/version"], "1.0.2");
  assert.equal(applied.status, undefined);
  assert.deepEqual(replay.problems, []);
  const none = await pd(replay, "rollback", "hello", "--to", "9");
  assert.equal(none.code, 1);
  assert.match(none.stderr, /must be kept: the cluster has 3, 2/);
});

Deno.test("pd rollback after two deploys that failed brings back the version that still serves", async () => {
  const current = await done();
  const body = current.body as { readonly metadata: object };
  const deployment = {
    ...current,
    body: {
      ...body,
      metadata: { ...body.metadata, annotations: { "deployment.kubernetes.io/revision": "5" } },
    },
  };
  const set = (revision: string, readyReplicas?: number) => ({
    metadata: {
      name: `hello-${revision}`,
      annotations: { "deployment.kubernetes.io/revision": revision },
      ownerReferences: [{ kind: "Deployment", name: "hello" }],
    },
    spec: { template: { spec: { containers: [{ name: "engine", image: `r.io/h:${revision}` }] } } },
    // Zeros are absent.
    status: readyReplicas === undefined ? {} : { readyReplicas },
  });
  await using replay = await KubernetesReplay.start([...applies(), deployment, {
    method: "GET",
    path: `/apis/apps/v1/namespaces/${NAMESPACE}/replicasets`,
    status: 200,
    body: { metadata: {}, items: [set("2"), set("3", 1), set("4"), set("5")] },
  }]);
  const { code, stdout, stderr } = await pd(replay, "rollback", "hello");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^hello is back at revision 3: /);
});
