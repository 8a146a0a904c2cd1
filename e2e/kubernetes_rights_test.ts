import assert from "node:assert/strict";
import { fakeIo } from "../cli/fake_io.ts";
import { runCli } from "../cli/run_cli.ts";
import { type Exchange, KubernetesReplay, readRights } from "./_kubernetes_replay.ts";

const NAMESPACE = "rbac-ns";
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/hello`;
const INGRESS = `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/ingresses/hello`;

/** In the order in which they are applied. */
const APPLIED: readonly (readonly [resource: string, path: string])[] = [
  ["serviceaccounts", `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/hello`],
  ["secrets", `/api/v1/namespaces/${NAMESPACE}/secrets/hello-secrets`],
  ["networkpolicies", `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies/hello`],
  ["services", `/api/v1/namespaces/${NAMESPACE}/services/hello`],
  ["deployments", DEPLOYMENT],
  ["cronjobs", `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/hello-cron`],
];
const CRONS = `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs`;
const BY_PATCH = APPLIED.map(([, path]): Exchange => ({
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

function forbids(method: string, path: string, said: string): Exchange {
  const status = { kind: "Status", apiVersion: "v1", reason: "Forbidden", code: 403 };
  return { method, path, status: 403, body: { ...status, message: said } };
}

async function pd(replay: KubernetesReplay, ...words: string[]) {
  const io = fakeIo({ env: { KUBECONFIG: replay.kubeconfig, HOME: replay.folder } });
  const code = await runCli([...words, "-n", NAMESPACE], io);
  return { code, ...io.written };
}

async function withWorkflow(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "pd_rights_" });
  try {
    await Deno.writeTextFile(
      `${dir}/workflow.yaml`,
      'name: hello\nversion: "1.0.0"\ntriggers: [{ type: cron, schedule: "@daily" }]\nnodes:\n  a: { path: ./a.ts }\n',
    );
    await Deno.writeTextFile(`${dir}/a.ts`, "export default () => 1;\n");
    await Deno.writeTextFile(`${dir}/.secrets.yaml`, "github: { token: canary-51ab77 }\n");
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function deploy(replay: KubernetesReplay, dir: string, ...words: string[]) {
  return pd(replay, "deploy", dir, "--image", "r.io/hello:1", "--no-wait", ...words);
}

/** `apps deployments patch` as `[deployments, deployments.apps, patch]`. */
function parts(right: string): readonly [string, string, string] {
  const words = right.split(" ");
  const verb = words.at(-1) ?? "";
  const resource = words.at(-2) ?? "";
  const group = words.length === 3 ? `.${words[0]}` : "";
  return [resource, `${resource}${group}`, verb];
}

Deno.test("rbac-proof: each right that a deploy lacks is named, with what grants it and what was applied", async (t) => {
  const rows = (await readRights()).filter(({ operation, right }) =>
    operation === "deploy (create)" && /(patch|create)$/.test(right)
  );
  assert.equal(rows.length, 12);
  await withWorkflow(async (dir) => {
    for (const { right, said } of rows) {
      await t.step(right, async () => {
        const [resource, full, verb] = parts(right);
        const at = APPLIED.findIndex(([name]) => name === resource);
        const path = APPLIED[at]?.[1] ?? "";
        await using replay = await KubernetesReplay.start([
          ABSENT,
          ...BY_PATCH.filter((one) => one.path !== path),
          forbids("PATCH", path, said),
        ]);
        const { code, stderr } = await deploy(replay, dir);
        assert.equal(code, 1);
        assert.match(
          stderr,
          new RegExp(`KUBERNETES_FORBIDDEN Cannot ${verb} "${full}" as "system:serviceaccount:`),
        );
        assert.match(
          stderr,
          new RegExp(
            `\nfix: kubectl create role .* --verb=${verb} --resource=${full} && kubectl create rolebinding .*--serviceaccount=lab-sa:deployer`,
          ),
        );
        const before = at === 0
          ? /; nothing was applied\n/
          : /; applied before it: ServiceAccount hello/;
        assert.match(stderr, before);
        assert.equal(replay.changes.length, at + 1, "it stops there");
        assert.doesNotMatch(stderr, /canary/);
      });
    }
  });
});

Deno.test("rbac-proof: a deploy that may not list or remove schedules says that everything is applied", async (t) => {
  const rows = (await readRights()).filter(({ operation }) => operation.includes("prune"));
  assert.equal(rows.length, 2);
  const stale: Exchange = {
    method: "GET",
    path: CRONS,
    status: 200,
    body: { metadata: {}, items: [{ metadata: { name: "hello-cron-7" } }] },
  };
  await withWorkflow(async (dir) => {
    for (const { right, said } of rows) {
      await t.step(right, async () => {
        const isList = right.endsWith("list");
        await using replay = await KubernetesReplay.start([
          ABSENT,
          ...BY_PATCH,
          ...isList
            ? [forbids("GET", CRONS, said)]
            : [stale, forbids("DELETE", `${CRONS}/hello-cron-7`, said)],
        ]);
        const { code, stderr } = await deploy(replay, dir);
        assert.equal(code, 1);
        assert.match(
          stderr,
          /KUBERNETES_FORBIDDEN .*"cronjobs\.batch".*; everything was applied before it\n/,
        );
      });
    }
  });
});

Deno.test("an Ingress that may not be removed is told, by a deploy, a diff and an undeploy", async (t) => {
  const said =
    `ingresses.networking.k8s.io "hello" is forbidden: User "system:serviceaccount:lab-sa:deployer" cannot delete resource "ingresses" in API group "networking.k8s.io" in the namespace "${NAMESPACE}"`;
  const there: Exchange = {
    ...ABSENT,
    status: 200,
    body: {
      metadata: { name: "hello", labels: { "app.kubernetes.io/managed-by": "pipedreamer" } },
      spec: { template: {} },
    },
  };
  const left =
    /note: Ingress hello is still there, as the right to delete ingresses\.networking\.k8s\.io is missing: kubectl delete ingresses\.networking\.k8s\.io hello -n rbac-ns --ignore-not-found\n/;
  const ingressOf = (manager: string): Exchange => ({
    ...there,
    path: INGRESS,
    body: { metadata: { name: "hello", labels: { "app.kubernetes.io/managed-by": manager } } },
  });
  const forbidden = [ingressOf("pipedreamer"), forbids("DELETE", INGRESS, said)];
  await withWorkflow(async (dir) => {
    await t.step("deploy", async () => {
      await using replay = await KubernetesReplay.start([there, ...BY_PATCH, ...forbidden]);
      const { code, stderr } = await deploy(replay, dir);
      assert.equal(code, 0, stderr);
      assert.match(stderr, left);
    });
    await t.step("a deploy without the right to look", async () => {
      await using replay = await KubernetesReplay.start([
        there,
        ...BY_PATCH,
        forbids("GET", INGRESS, said.replace("cannot delete", "cannot get")),
      ]);
      const { code, stderr } = await deploy(replay, dir);
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /note: Ingress hello is left alone, if there is one, .*: kubectl delete ingresses -n /,
      );
      assert.ok(!replay.changes.some((one) => one.startsWith("DELETE")));
    });
    await t.step("one that somebody else made stays", async () => {
      await using replay = await KubernetesReplay.start([there, ...BY_PATCH, ingressOf("Helm")]);
      const { code, stderr } = await deploy(replay, dir);
      assert.equal(code, 0, stderr);
      const undeployed = await pd(replay, "undeploy", "hello", "--yes");
      assert.doesNotMatch(stderr + undeployed.stderr, /Ingress/);
      assert.ok(!replay.changes.some((one) => one.includes("/ingresses/")));
    });
    await t.step("undeploy", async () => {
      await using replay = await KubernetesReplay.start([there, ...forbidden, {
        method: "DELETE",
        path: DEPLOYMENT,
        status: 200,
        body: { kind: "Status" },
      }]);
      const { code, stderr } = await pd(replay, "undeploy", "hello", "--yes");
      assert.equal(code, 0, stderr);
      assert.match(stderr, left);
    });
    await t.step("a diff shows one that would go, and removes nothing", async () => {
      await using replay = await KubernetesReplay.start([
        there,
        ...BY_PATCH,
        ingressOf("pipedreamer"),
        {
          method: "DELETE",
          path: INGRESS,
          status: 200,
          body: { kind: "Status" },
        },
      ]);
      const { code, stdout } = await deploy(replay, dir, "--diff");
      assert.equal(code, 0, stdout);
      assert.match(stdout, /\n- Ingress hello\n/);
      const changes = replay.asked.filter(({ method }) => method !== "GET");
      assert.ok(changes.every(({ query }) => query.get("dryRun") === "All"));
    });
  });
});

Deno.test("a diff without the right to read the Secret compares the rest, and says so", async () => {
  const read: Exchange[] = BY_PATCH.map((one) => ({
    ...one,
    method: "GET",
    status: 200,
    body: {
      metadata: {
        name: "hello",
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "canary-51ab77" },
      },
    },
  }));
  const isSecret = ({ path }: Exchange) => path.includes("/secrets/");
  const said =
    'secrets "hello-secrets" is forbidden: User "x" cannot get resource "secrets" in API group "" in the namespace "rbac-ns"';
  await withWorkflow(async (dir) => {
    await using replay = await KubernetesReplay.start([
      ...BY_PATCH.map((one) => ({ ...one, status: 200 })),
      ...read.filter((one) => !isSecret(one)),
      ...read.filter(isSecret).map(({ path }) => forbids("GET", path, said)),
    ]);
    const { code, stdout, stderr } = await deploy(replay, dir, "--diff");
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /\n\? Secret hello-secrets \(not compared: there is no right to get it\)\n/,
    );
    assert.match(stdout, /\n {2}Service hello \(unchanged\)\n/);
    assert.doesNotMatch(stdout, /canary/);
  });
});

Deno.test("an undeploy without a Deployment removes what pd made, and nothing else of that name", async () => {
  const service = `/api/v1/namespaces/${NAMESPACE}/services/hello`;
  const account = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/hello`;
  const secret = `/api/v1/namespaces/${NAMESPACE}/secrets/hello-secrets`;
  const is = (path: string, labels: object): Exchange => ({
    method: "GET",
    path,
    status: 200,
    body: { metadata: { name: "hello", labels }, data: { password: "canary-51ab77" } },
  });
  const said =
    'secrets "hello-secrets" is forbidden: User "x" cannot get resource "secrets" in API group "" in the namespace "rbac-ns"';
  await using replay = await KubernetesReplay.start([
    ABSENT,
    is(service, { "app.kubernetes.io/managed-by": "Helm" }),
    is(account, { "app.kubernetes.io/managed-by": "pipedreamer" }),
    forbids("GET", secret, said),
    { ...ABSENT, path: `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies/hello` },
    ...[service, account, secret].map((path): Exchange => ({
      method: "DELETE",
      path,
      status: 200,
      body: { kind: "Status" },
    })),
  ]);
  const { code, stdout, stderr } = await pd(replay, "undeploy", "hello", "--yes");
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "removed hello from rbac-ns: ServiceAccount hello\n");
  assert.deepEqual(replay.changes.filter((one) => !one.includes("/ingresses/")), [
    `DELETE ${account}`,
  ]);
  assert.match(
    stderr,
    /note: Secret hello-secrets is left alone, if there is one, .*: kubectl delete secrets -n rbac-ns -l app\.kubernetes\.io\/name=hello,/,
  );
});

Deno.test("rbac-proof: an undeploy that lacks a right says what was removed before it", async () => {
  const rows = (await readRights()).filter(({ operation }) => operation.startsWith("undeploy"));
  const said = rows.find(({ right }) => right === "secrets delete")?.said ?? "";
  await using replay = await KubernetesReplay.start([
    {
      ...ABSENT,
      status: 200,
      body: {
        metadata: { name: "hello", labels: { "app.kubernetes.io/managed-by": "pipedreamer" } },
        spec: { template: {} },
      },
    },
    ...["services"].map((resource): Exchange => ({
      method: "DELETE",
      path: APPLIED.find(([name]) => name === resource)?.[1] ?? "",
      status: 200,
      body: { kind: "Status" },
    })),
    forbids("DELETE", `/api/v1/namespaces/${NAMESPACE}/secrets/hello-secrets`, said),
  ]);
  const { code, stderr } = await pd(replay, "undeploy", "hello", "--yes");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Cannot delete "secrets" as .*; removed before it: Service hello\nfix: kubectl create role /,
  );
});
