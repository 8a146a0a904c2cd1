import assert from "node:assert/strict";
import { fakeIo } from "../cli/fake_io.ts";
import { runCli } from "../cli/run_cli.ts";
import { connect } from "../deploy/mod.ts";
import { sleep, systemClock } from "../engine/clock/mod.ts";

/** A kubeconfig whose user may make namespaces. */
const KUBECONFIG = Deno.env.get("PD_E2E_KUBECONFIG");
/** What `pd build` made, as the cluster pulls it. */
const IMAGE = Deno.env.get("PD_E2E_IMAGE") ?? "";
const RUNTIME_CLASS = Deno.env.get("PD_E2E_RUNTIME_CLASS") ?? "";
const NAME = "pd-e2e";
const TICK_MS = 150_000;

function workflow(version: string): string {
  return `name: ${NAME}
version: "${version}"
triggers:
  - { type: cron, name: tick, schedule: "* * * * *" }
nodes:
  greet: { path: ./nodes/greet.ts }
`;
}

async function pd(...words: string[]) {
  const io = fakeIo({ env: { KUBECONFIG: KUBECONFIG ?? "", HOME: "/nowhere" } });
  const code = await runCli(words, io);
  return { code, ...io.written };
}

Deno.test({
  name:
    "a real cluster: check, deploy, run, logs, cron, new version, bad image, rollback, undeploy",
  // Needs a cluster, and an image that it can pull: PD_E2E_KUBECONFIG and PD_E2E_IMAGE.
  ignore: KUBECONFIG === undefined || IMAGE === "",
  async fn(t) {
    const dir = await Deno.makeTempDir({ prefix: "pd_cluster_" });
    const namespace = `pd-e2e-${crypto.randomUUID().slice(0, 8)}`;
    const at = ["-n", namespace];
    const deploy = (image: string) =>
      pd("deploy", dir, ...at, "--image", image, "--runtime-class", RUNTIME_CLASS);
    await Deno.mkdir(`${dir}/nodes`);
    await Deno.writeTextFile(`${dir}/nodes/greet.ts`, "export default () => 1;\n");
    await Deno.writeTextFile(`${dir}/workflow.yaml`, workflow("1.0.0"));
    try {
      await t.step("cluster check --fix makes the namespace", async () => {
        const { code, stdout } = await pd(
          ...["cluster", "check", "--fix", ...at, "--runtime-class", RUNTIME_CLASS],
        );
        assert.equal(code, 0, stdout);
      });
      await t.step("deploy, twice", async () => {
        for (let time = 0; time < 2; time++) {
          const { code, stderr } = await deploy(IMAGE);
          assert.equal(code, 0, stderr);
        }
      });
      await t.step("run and logs", async () => {
        const run = await pd("run", "--deployed", NAME, ...at);
        assert.equal(run.code, 0, run.stderr);
        assert.equal(JSON.parse(run.stdout).success, true);
        const logs = await pd("logs", NAME, ...at);
        assert.equal(logs.code, 0, logs.stderr);
        assert.notEqual(logs.stdout, "");
      });
      await t.step("a tick of its schedule", async () => {
        const deadline = performance.now() + TICK_MS;
        for (let last = ""; last !== "succeeded";) {
          assert.ok(performance.now() < deadline, `the last job: ${last}`);
          await sleep(2_000, systemClock);
          const { stdout } = await pd("status", NAME, ...at, "-o", "json");
          last = JSON.parse(stdout).schedules[0]?.lastJob ?? "";
        }
      });
      await t.step("a new version", async () => {
        await Deno.writeTextFile(`${dir}/workflow.yaml`, workflow("1.0.1"));
        assert.equal((await deploy(IMAGE)).code, 0);
        const { stdout } = await pd("versions", NAME, ...at, "-o", "json");
        assert.equal(JSON.parse(stdout).versions.length, 2);
      });
      await t.step("a bad image fails early, and the old pod serves", async () => {
        const begun = performance.now();
        const { code, stderr } = await deploy("registry.invalid/nope:1");
        assert.equal(code, 1);
        assert.match(stderr, /ROLLOUT_FAILED .*still serves.*cannot be pulled/s);
        assert.ok(performance.now() - begun < 60_000);
        assert.equal((await pd("run", "--deployed", NAME, ...at)).code, 0);
      });
      await t.step("rollback", async () => {
        const { code, stderr } = await pd("rollback", NAME, ...at);
        assert.equal(code, 0, stderr);
      });
      await t.step("undeploy leaves nothing with our labels", async () => {
        assert.equal((await pd("undeploy", NAME, ...at, "--yes")).code, 0);
        assert.deepEqual(await left(namespace), []);
      });
    } finally {
      await removeNamespace(namespace);
      await Deno.remove(dir, { recursive: true });
    }
  },
});

async function left(namespace: string): Promise<string[]> {
  const { client } = await connectTo(namespace);
  using _ = client;
  const paths = [
    ...["pods", "services", "secrets", "serviceaccounts"].map((one) =>
      `/api/v1/namespaces/${namespace}/${one}`
    ),
    ...["deployments", "replicasets"].map((one) => `/apis/apps/v1/namespaces/${namespace}/${one}`),
    ...["cronjobs", "jobs"].map((one) => `/apis/batch/v1/namespaces/${namespace}/${one}`),
    `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
  ];
  const deadline = performance.now() + 90_000;
  for (;;) {
    const found = (await Promise.all(paths.map(async (path) => {
      const { items } = await client.ask<{ items: { metadata: { name: string } }[] }>({
        method: "GET",
        path,
        query: { labelSelector: "app.kubernetes.io/managed-by=pipedreamer" },
      });
      return items.map(({ metadata }) => `${path} ${metadata.name}`);
    }))).flat();
    // What hangs on a Deployment goes in the background.
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(1_000, systemClock);
  }
}

async function removeNamespace(namespace: string): Promise<void> {
  const { client } = await connectTo(namespace);
  using _ = client;
  await client.ask({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` }).catch(() => {});
}

async function connectTo(namespace: string) {
  return await connect({
    kubeconfig: KUBECONFIG,
    namespace,
    env: () => undefined,
    clock: systemClock,
  });
}
