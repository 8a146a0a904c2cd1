import assert from "node:assert/strict";
import { fakeIo } from "../cli/fake_io.ts";
import { runCli } from "../cli/run_cli.ts";
import { applyAll, connect, type KubernetesObject, type Operation } from "../deploy/mod.ts";
import { systemClock } from "../engine/clock/mod.ts";
import { PdError } from "../engine/errors/mod.ts";
import { type Exchange, KubernetesReplay, readRecording } from "./_kubernetes_replay.ts";

/** What a call of `pd` did. */
interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function pd(replay: KubernetesReplay, ...words: string[]): Promise<Called> {
  const io = fakeIo({ env: { KUBECONFIG: replay.kubeconfig, HOME: replay.folder } });
  const code = await runCli(words, io);
  return { code, ...io.written };
}

async function withOperation<T>(
  replay: KubernetesReplay,
  namespace: string,
  work: (operation: Operation) => Promise<T>,
): Promise<T> {
  const operation = await connect({
    kubeconfig: replay.kubeconfig,
    namespace,
    env: () => undefined,
    clock: systemClock,
  });
  using _ = operation.client;
  return await work(operation);
}

async function failureOf(work: Promise<unknown>): Promise<PdError> {
  const error = await work.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof PdError, `it fails as it should: ${error}`);
  return error;
}

const APPLIES = [
  "apply-deployment",
  "apply-secret",
  "apply-service",
  "apply-serviceaccount",
  "apply-networkpolicy",
  "apply-cronjob",
];

for (const name of APPLIES) {
  Deno.test(`${name}: an apply creates, and again it changes nothing`, async () => {
    const patches = (await readRecording(name)).filter(({ method }) => method === "PATCH");
    await using replay = await KubernetesReplay.start(patches);
    const object = patches[0]?.request as KubernetesObject;
    await withOperation(replay, "apply-ns", async (operation) => {
      const [first] = await applyAll(operation, [object], { force: true });
      const [second] = await applyAll(operation, [object], { force: true });
      assert.equal(first?.change, "created");
      assert.equal(second?.change, "applied");
      assert.equal(
        first?.object.metadata.resourceVersion,
        second?.object.metadata.resourceVersion,
      );
      // Values of a Secret are in the recorded answer, and not in what comes back.
      if (object.kind === "Secret") assert.ok(!JSON.stringify(first?.object).includes(`"data":`));
    });
    assert.deepEqual(replay.problems, []);
    assert.deepEqual(JSON.parse(replay.asked[0]?.body ?? ""), object);
    assert.equal(replay.asked[0]?.path, patches[0]?.path.replace(/\?.*/, ""));
  });
}

Deno.test("apply-conflict: a conflict shows each field and its owner, and force takes them over", async () => {
  const ours = (await readRecording("apply-conflict")).filter(({ path }) =>
    path.includes("fieldManager=pipedreamer")
  );
  await using replay = await KubernetesReplay.start(ours);
  const object = ours[0]?.request as KubernetesObject;
  await withOperation(replay, "apply-ns", async (operation) => {
    const conflict = await failureOf(applyAll(operation, [object], { force: false }));
    assert.equal(conflict.code, "APPLY_CONFLICT");
    assert.equal(
      conflict.message,
      'Cannot apply "Deployment hello" as others have set its fields: .metadata.labels.app.kubernetes.io/version ("kubectl"), .spec.replicas ("kubectl"); nothing was applied',
    );
    assert.equal(conflict.fix, "pd deploy . -n apply-ns --force");
    await applyAll(operation, [object], { force: true });
    const scaled = await failureOf(applyAll(operation, [object], { force: false }));
    assert.match(scaled.message, /\.spec\.replicas \("kubectl" with subresource "scale"/);
  });
  assert.deepEqual(replay.asked.map(({ query }) => query.get("force")), ["false", "true", "false"]);
  assert.deepEqual(replay.problems, []);
});

Deno.test("apply-invalid: what the cluster cannot read is an error of the manifest, asked once", async (t) => {
  const refused = (await readRecording("apply-invalid")).filter(({ status, path, method }) =>
    method === "PATCH" && status >= 400 && status !== 404 &&
    path.includes("fieldManager=pipedreamer") && !/deploymints/.test(path)
  );
  for (const exchange of refused) {
    const object = exchange.request as KubernetesObject | string | undefined;
    if (typeof object !== "object" || object.kind === undefined) continue;
    if (object.metadata.name !== exchange.path.replace(/\?.*/s, "").split("/").at(-1)) continue;
    await t.step(`${exchange.status} ${exchange.note}`, async () => {
      await using replay = await KubernetesReplay.start([exchange]);
      const error = await withOperation(
        replay,
        "apply-ns",
        (operation) => failureOf(applyAll(operation, [object], { force: true })),
      );
      assert.equal(error.code, "MANIFEST_INVALID");
      assert.match(
        error.message,
        /^Cannot apply ".*" as its manifest is not valid: .+nothing was applied$/s,
      );
      assert.doesNotMatch(error.message, /typed patch object|unstructured/);
      assert.equal(replay.asked.length, 1);
    });
  }
});

Deno.test("namespace: an object for a namespace that is not there says how to make it", async () => {
  const recorded = await readRecording("namespace");
  await using replay = await KubernetesReplay.start(recorded);
  const object = recorded.at(-1)?.request as KubernetesObject;
  const error = await withOperation(
    replay,
    "no-such-ns",
    (operation) => failureOf(applyAll(operation, [object], { force: true })),
  );
  assert.equal(error.code, "NAMESPACE_MISSING");
  assert.equal(error.fix, "pd cluster check --fix -n no-such-ns");
});

Deno.test("namespace-terminating: an object for a namespace that goes says so", async () => {
  const recorded = await readRecording("namespace-terminating");
  await using replay = await KubernetesReplay.start(recorded);
  const object = recorded.find(({ method }) => method === "PATCH")?.request as KubernetesObject;
  const error = await withOperation(
    replay,
    "gone-ns",
    (operation) => failureOf(applyAll(operation, [object], { force: true })),
  );
  assert.equal(error.code, "NAMESPACE_MISSING");
  assert.match(error.message, /is being deleted/);
});

Deno.test("what was applied before a refusal is said", async () => {
  const service = (await readRecording("apply-service")).filter(({ method }) => method === "PATCH");
  const invalid = (await readRecording("apply-invalid")).find(({ note }) =>
    note?.startsWith("immutable selector")
  );
  assert.ok(invalid !== undefined);
  await using replay = await KubernetesReplay.start([...service, invalid]);
  const objects = [invalid.request, service[0]?.request] as KubernetesObject[];
  const error = await withOperation(
    replay,
    "apply-ns",
    (operation) => failureOf(applyAll(operation, objects, { force: true })),
  );
  assert.match(
    error.message,
    /spec\.selector: .*field is immutable; applied before it: Service hello$/,
  );
});

Deno.test("auth-errors: each missing right is one sentence, its permission and the command that grants it", async (t) => {
  const recorded = await readRecording("auth-errors");
  const cases: readonly (readonly [command: string[], verb: string, resource: string])[] = [
    [["logs", "hello", "-n", "hello-ns"], "list", "pods"],
    [["list", "--all-namespaces"], "list", "deployments.apps"],
    [["run", "--deployed", "hello", "-n", "hello-ns"], "create", "services/proxy"],
  ];
  for (const [words, verb, resource] of cases) {
    await t.step(`pd ${words[0]}`, async () => {
      const forbidden = recorded.filter(({ body }) => /nobody/.test(JSON.stringify(body)));
      await using replay = await KubernetesReplay.start(forbidden);
      const { code, stderr } = await pd(replay, ...words);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`KUBERNETES_FORBIDDEN Cannot ${verb} "${resource}" as `));
      assert.match(
        stderr,
        new RegExp(`fix: kubectl create (cluster)?role .*--verb=${verb} --resource=${resource}`),
      );
    });
  }
  await t.step("an expired token", async () => {
    const expired = recorded.filter(({ status }) => status === 401);
    await using replay = await KubernetesReplay.start(expired);
    const { code, stderr } = await pd(replay, "logs", "hello", "-n", "hello-ns");
    assert.equal(code, 1);
    assert.match(stderr, /does not know who asks: Unauthorized/);
    assert.match(stderr, /fix: /);
  });
});

Deno.test("unreachable: a cluster that refuses or never answers is told within ten seconds", async (t) => {
  await t.step("nobody listens", async () => {
    const replay = await KubernetesReplay.start([]);
    const kubeconfig = await Deno.readTextFile(replay.kubeconfig);
    const ca = await Deno.readTextFile(`${replay.folder}/ca.pem`);
    await replay[Symbol.asyncDispose]();
    const folder = await Deno.makeTempDir({ prefix: "pd_replay_" });
    await Deno.writeTextFile(`${folder}/kubeconfig`, kubeconfig);
    await Deno.writeTextFile(`${folder}/ca.pem`, ca);
    const io = fakeIo({ env: { KUBECONFIG: `${folder}/kubeconfig` } });
    assert.equal(await runCli(["status", "hello"], io), 1);
    assert.match(io.written.stderr, /KUBERNETES_UNAVAILABLE Cannot reach context "test" at https/);
    assert.match(io.written.stderr, /fix: kubectl cluster-info/);
    await Deno.remove(folder, { recursive: true });
  });
  await t.step("it never answers", async () => {
    await using replay = await KubernetesReplay.start([]);
    replay.silentAt = "/";
    const begun = performance.now();
    const { code, stderr } = await pd(replay, "status", "hello");
    assert.equal(code, 1);
    assert.ok(performance.now() - begun < 10_000);
    assert.match(stderr, /no answer in 8 s/);
  });
});

Deno.test("proxy-run: answers of the workflow and of the API server are told apart", async (t) => {
  const recorded = await readRecording("proxy-run");
  const cases: readonly {
    readonly note: string;
    readonly name: string;
    readonly code: number;
    readonly says: RegExp;
  }[] = [
    { note: "ok, JSON body", name: "hello", code: 0, says: /"success": true/ },
    { note: "500 from the app", name: "hello", code: 1, says: /boom/ },
    {
      note: "service without endpoints",
      name: "ghost",
      code: 1,
      says: /WORKFLOW_UNREACHABLE .*no pod is ready/,
    },
    { note: "service does not exist", name: "nosuch", code: 1, says: /NOT_DEPLOYED/ },
    { note: "endpoint does not listen", name: "deaf", code: 1, says: /connection refused/ },
    {
      note: "app dies in the middle",
      name: "hello",
      code: 1,
      says: /WORKFLOW_UNREACHABLE .*: EOF/,
    },
  ];
  for (const { note, name, code, says } of cases) {
    await t.step(note, async () => {
      const exchange = recorded.find((one) => one.note?.startsWith(note));
      assert.ok(exchange !== undefined);
      await using replay = await KubernetesReplay.start([exchange]);
      const run = await pd(
        replay,
        "run",
        "--deployed",
        name,
        "-n",
        "run-ns",
        "--input",
        '{"name":"Ada"}',
      );
      assert.equal(run.code, code, run.stderr);
      assert.match(run.stdout + run.stderr, says);
      assert.equal(replay.asked[0]?.body, '{"name":"Ada"}');
      assert.deepEqual(replay.problems, []);
    });
  }
  await t.step("a name that nothing here has is looked for in the cluster", async () => {
    const deployment = {
      metadata: { name: "hello", labels: { "app.kubernetes.io/managed-by": "pipedreamer" } },
    };
    const at = "/apis/apps/v1/namespaces/run-ns/deployments/";
    await using replay = await KubernetesReplay.start([
      { method: "GET", path: `${at}hello`, status: 200, body: deployment },
      {
        method: "POST",
        path: "/api/v1/namespaces/run-ns/services/hello:8080/proxy/run",
        status: 200,
        body: { success: true },
      },
      { method: "GET", path: `${at}other`, status: 404, body: { kind: "Status", code: 404 } },
    ]);
    const run = await pd(replay, "run", "hello", "-n", "run-ns");
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(JSON.parse(run.stdout), { success: true });
    const missing = await pd(replay, "run", "other", "-n", "run-ns");
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /TARGET_NOT_FOUND .*stored pipelines .*the namespace "run-ns" /);
    assert.deepEqual(replay.problems, []);
  });
  await t.step("a 503 of the workflow itself is its own", async () => {
    await using replay = await KubernetesReplay.start([{
      method: "POST",
      path: "/api/v1/namespaces/run-ns/services/hello:8080/proxy/run",
      status: 503,
      body: { error: { code: "DRAINING", message: "Cannot start", fix: "Try again" } },
    }]);
    const { code, stderr } = await pd(replay, "run", "--deployed", "hello", "-n", "run-ns");
    assert.equal(code, 1);
    assert.match(stderr, /RUN_REFUSED .* status 503: DRAINING: Cannot start/);
  });
  await t.step("a run that takes longer than --timeout goes on in its pod", async () => {
    await using replay = await KubernetesReplay.start([]);
    replay.silentAt = "/api";
    const { code, stderr } = await pd(
      replay,
      ...["run", "--deployed", "hello", "-n", "run-ns", "--timeout", "100ms"],
    );
    assert.equal(code, 1);
    assert.match(stderr, /RUN_TIMEOUT .*goes on in its pod/);
  });
});

Deno.test("list: workflows with their versions and schedules, of all pages", async () => {
  const recorded = await readRecording("list");
  await using replay = await KubernetesReplay.start(
    recorded.filter(({ path, body }) =>
      path.includes("/list-ns/") && /managed-by/.test(path) &&
      /"(Deployment|CronJob)List"/.test(JSON.stringify(body)) &&
      !/name/.test(path.split("?")[1]?.replace("labelSelector=app.kubernetes.io", "") ?? "")
    ),
  );
  const { code, stdout } = await pd(replay, "list", "-n", "list-ns");
  assert.equal(code, 0);
  assert.match(stdout, /^name/);
  assert.match(stdout, /\nalpha/);
  assert.deepEqual(replay.problems, []);
  const [first, second] = recorded.filter(({ path }) =>
    path.startsWith("/apis/apps/v1/deployments")
  );
  assert.ok(first !== undefined && second !== undefined);
  await using paged = await KubernetesReplay.start([
    { ...first, body: withSpecs(first.body) },
    { ...second, body: withoutNext(withSpecs(second.body)) },
  ]);
  const all = await pd(paged, "list", "--all-namespaces", "-o", "json");
  assert.equal(all.code, 0, all.stdout);
  assert.equal(JSON.parse(all.stdout).workflows.length, 2);
});

/** As the last page. */
function withoutNext(body: unknown): object {
  return { ...body as object, metadata: {} };
}

/** Specs are not part of this recording. */
function withSpecs(body: unknown): object {
  const { items, ...list } = body as { readonly items: readonly object[] };
  return { ...list, items: items.map((item) => ({ ...item, spec: { template: {} } })) };
}

Deno.test("logs: a pod that waits or is not scheduled has said nothing, others have", async () => {
  const recorded = await readRecording("logs");
  const logOf = (note: string): Exchange => {
    const found = recorded.find((one) => one.note?.startsWith(note));
    assert.ok(found !== undefined, note);
    return found;
  };
  const exchanges = [
    logOf("last 3 lines"),
    logOf("container creating"),
    logOf("pod not scheduled"),
  ];
  const names = exchanges.map(({ path }) => path.split("/")[6] ?? "");
  await using replay = await KubernetesReplay.start([...exchanges, {
    method: "GET",
    path: "/api/v1/namespaces/log-ns/pods",
    status: 200,
    body: { metadata: {}, items: names.map((name) => ({ metadata: { name } })) },
  }]);
  const { code, stdout, stderr } = await pd(
    replay,
    "logs",
    "chatty",
    "-n",
    "log-ns",
    "--tail",
    "3",
  );
  assert.equal(code, 0);
  assert.equal(stdout.trim().split("\n").length, 3);
  assert.match(stdout, /^\[cbb6d7947-dcs4f\] \{"time"/);
  assert.match(stderr, /creating-\S+ has said nothing\nunsched-\S+ has said nothing/);
  assert.deepEqual(replay.problems, []);
  const log = replay.asked.find(({ path }) => path.endsWith("/log"));
  assert.equal(log?.query.get("tailLines"), "3");
});

const FAILURES: readonly (readonly [name: string, says: RegExp])[] = [
  ["fail-crashloop", /its program ended with exit code 1/],
  ["fail-imagepull-notfound", /cannot be pulled: .*not found/],
  ["fail-psa-violation", /enforces the pod security level "restricted"/],
  ["fail-quota", /quota of its namespace is used up/],
  ["fail-runtimeclass-missing", /has no RuntimeClass "kata"/],
  ["fail-oom-runc", /OOMKilled/],
  ["fail-oom-gvisor", /OOMKilled/],
  ["fail-command-missing", /cannot be started: .*no such file or directory/],
  ["fail-image-never", /is not on the node and may not be pulled/],
  ["fail-imagename-invalid", /image .*"Bad Name:::1"/],
  ["fail-imagepull-dns", /cannot be pulled: .*no such host/],
  ["fail-nonroot-image", /runAsNonRoot and image will run as root/],
  ["fail-runtimeclass-nohandler", /has no handler "nohandler"/],
  ["fail-secret-missing", /its secret "secret-missing-secrets" is missing/],
  ["fail-serviceaccount-missing", /its ServiceAccount "nope" is missing/],
  ["fail-startup-failing", /did not start in time: .*statuscode: 503/],
  ["fail-unready", /is not ready: .*connection refused/],
  ["fail-unschedulable", /no node has room for its pod: .*Insufficient cpu/],
];

for (const [name, says] of FAILURES) {
  Deno.test(`${name}: pd status says why, with its fix and exit code 1`, async () => {
    const recorded = await readRecording(name);
    const namespace = recorded[0]?.path.split("/")[5] ?? "";
    const workflow = name.replace("fail-", "");
    // As it stood at the end: the recordings hold what was seen first, too.
    const last = new Map(recorded.map((one) => [`${one.method} ${one.path}`, one]));
    await using replay = await KubernetesReplay.start([...last.values()]);
    const { code, stdout } = await pd(replay, "status", workflow, "-n", namespace);
    assert.equal(code, 1);
    assert.match(stdout, /^\S+ .* in \S+: failed, /);
    assert.match(stdout, says);
    assert.match(stdout, /\nfix: /);
    assert.deepEqual(replay.problems, []);
  });
}

Deno.test("delete: pd undeploy removes each kind in the background, schedules first", async () => {
  const recorded = await readRecording("delete");
  const list = await readRecording("list");
  const at = "/apis/apps/v1/namespaces/list-ns/deployments/alpha";
  const crons = list.find(({ path }) =>
    path.startsWith("/apis/batch/v1/namespaces/list-ns/cronjobs?")
  );
  const deployments = list.find(({ path }) =>
    path.startsWith("/apis/apps/v1/namespaces/list-ns/deployments?")
  );
  const items = (exchange: Exchange | undefined) =>
    (exchange?.body as { items: KubernetesObject[] }).items;
  const own = items(crons).filter(({ metadata }) => metadata.name.startsWith("alpha"));
  const deployment = items(deployments).find(({ metadata }) => metadata.name === "alpha");
  await using replay = await KubernetesReplay.start([
    ...recorded.filter(({ method, note }) => method === "DELETE" && !note?.startsWith("DryRun")),
    { method: "GET", path: at, status: 200, body: deployment },
    {
      method: "GET",
      path: "/apis/batch/v1/namespaces/list-ns/cronjobs",
      status: 200,
      body: { metadata: {}, items: own },
    },
  ]);
  const refused = await pd(replay, "undeploy", "alpha", "-n", "list-ns");
  assert.equal(refused.code, 2);
  assert.equal(replay.changes.length, 0);
  const { code, stdout } = await pd(replay, "undeploy", "alpha", "-n", "list-ns", "--yes");
  assert.equal(code, 0);
  assert.match(stdout, /^removed alpha from list-ns: .*Service alpha, .*Deployment alpha/);
  assert.equal(replay.changes[0]?.includes("/cronjobs/"), own.length > 0);
  assert.ok(replay.changes.some((one) => one.endsWith("/secrets/alpha-secrets")));
  assert.deepEqual(replay.problems, []);
});

Deno.test("a Deployment that pd did not make is left alone", async () => {
  await using replay = await KubernetesReplay.start([{
    method: "GET",
    path: "/apis/apps/v1/namespaces/list-ns/deployments/foreign",
    status: 200,
    body: { metadata: { name: "foreign", labels: {} }, spec: { template: {} } },
  }]);
  const { code, stderr } = await pd(replay, "undeploy", "foreign", "-n", "list-ns", "--yes");
  assert.equal(code, 1);
  assert.match(stderr, /NOT_DEPLOYED .*is not pd's/);
  assert.equal(replay.changes.length, 0);
});

Deno.test("cluster check: a missing RuntimeClass is a warning, a missing right and namespace are failures", async (t) => {
  const [version, namespace, classes, reviews] = await Promise.all(
    ["version", "namespace", "runtimeclass", "ssar"].map(readRecording),
  );
  const allowed = reviews?.find(({ body }) => /"allowed":true/.test(JSON.stringify(body)));
  const denied = reviews?.find(({ body }) => /"allowed":false/.test(JSON.stringify(body)));
  assert.ok(version && namespace && classes && allowed && denied);
  const there = namespace.filter(({ method, status }) => method === "GET" && status === 200);
  const missing = namespace.filter(({ method, status }) => method === "GET" && status === 404);
  const created = namespace.filter(({ method, status }) => method === "POST" && status === 201);
  const check = ["cluster", "check", "-n", "hello-ns", "--runtime-class", "kata"];
  await t.step("ready, with a warning", async () => {
    await using replay = await KubernetesReplay.start([...version, ...there, ...classes, allowed]);
    const { code, stdout } = await pd(replay, ...check);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /warning +RuntimeClass: "kata" is not there\n +fix: /);
    assert.match(stdout, /ok +right to deploy: all are there/);
    assert.deepEqual(replay.problems, []);
  });
  await t.step("without rights", async () => {
    await using replay = await KubernetesReplay.start([...version, ...there, ...classes, denied]);
    const { code, stdout } = await pd(replay, ...check);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /FAILED +right to run: missing: create services\/proxy\n +fix: kubectl create role/,
    );
  });
  await t.step("--fix creates the namespace, restricted", async () => {
    await using replay = await KubernetesReplay.start([
      ...version,
      ...missing,
      ...created,
      ...classes,
      allowed,
    ]);
    const without = await pd(replay, ...check);
    assert.equal(without.code, 1);
    assert.match(
      without.stdout,
      /FAILED +namespace: "hello-ns" is not there\n +fix: pd cluster check --fix/,
    );
    const { code, stdout } = await pd(replay, ...check, "--fix");
    assert.equal(code, 0, stdout);
    const made = replay.asked.find(({ method, path }) =>
      method === "POST" && path === "/api/v1/namespaces"
    );
    assert.equal(made?.query.get("fieldManager"), "pipedreamer");
    assert.equal(
      JSON.parse(made?.body ?? "").metadata.labels["pod-security.kubernetes.io/enforce"],
      "restricted",
    );
  });
});
