import { systemClock } from "../engine/clock/mod.ts";
import {
  DRIVER_CONFORMANCE,
  type DriverFixture,
  type EngineOptions,
  runCase,
} from "../engine/drivers/conformance/mod.ts";
import { open as openKubernetes } from "../engine/drivers/kubernetes/mod.ts";
import { type Driver, parseDriverAddress } from "../engine/drivers/mod.ts";
import { ApiClient, findCluster } from "../engine/kubernetes/mod.ts";
import { currentOwner } from "../engine/storage/mod.ts";
import { BUSYBOX, DockerServer } from "./_docker_server.ts";
import { KubernetesServer } from "./_kubernetes_server.ts";

const HOST_VARIABLE = "PD_KUBERNETES_CONFORMANCE_TEST";
Deno.env.set(HOST_VARIABLE, "of the host");

/** A kubeconfig of a real cluster to run the suite on as well; its current context and namespace are used. */
const REAL = Deno.env.get("PD_E2E_KUBECONFIG");
/** There already, on every node: cases never pull. */
const REAL_IMAGE = Deno.env.get("PD_E2E_IMAGE") ?? "docker.io/library/busybox:1.37";

const found = await DockerServer.find();
let docker: DockerServer;
let server: KubernetesServer;
Deno.test.beforeAll(async () => {
  if (found.status === "missing") return;
  docker = await DockerServer.start();
  server = await KubernetesServer.start(docker);
});
Deno.test.afterAll(async () => {
  if (found.status === "missing") return;
  await server[Symbol.asyncDispose]();
  await docker[Symbol.asyncDispose]();
});

for (const one of DRIVER_CONFORMANCE) {
  Deno.test({
    name: `kubernetes driver ${one.does}`,
    ignore: found.status === "missing",
    // The server of all cases is in this process, and accepts connections meanwhile.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using driver = await open();
      if (one.needs === undefined || driver.capabilities[one.needs]) {
        await runCase(one, fixtureOf(driver));
      }
    },
  });
}

for (const one of DRIVER_CONFORMANCE) {
  Deno.test({
    name: `kubernetes driver on a real cluster ${one.does}`,
    ignore: REAL === undefined,
    async fn() {
      await using driver = await openReal();
      if (one.needs !== undefined && !driver.capabilities[one.needs]) return;
      await runCase(one, {
        ...fixtureOf(driver),
        image: REAL_IMAGE,
        open: openReal,
        leftovers: leftoversOfReal,
      });
    },
  });
}

function fixtureOf(driver: Driver): DriverFixture {
  return {
    driver,
    image: BUSYBOX,
    hostVariable: HOST_VARIABLE,
    bigBytes: 2 ** 30,
    manyFiles: 100_000,
    open,
    leftovers: (runId) => Promise.resolve(server.left(runId)),
  };
}

function open(who?: Partial<EngineOptions>): Promise<Driver> {
  const address = `k8s://test?helper_image=${encodeURIComponent(BUSYBOX)}`;
  return openAt(address, server.kubeconfig, who);
}

function openReal(who?: Partial<EngineOptions>): Promise<Driver> {
  return openAt(`k8s://?helper_image=${encodeURIComponent(REAL_IMAGE)}`, REAL, who);
}

/** As an API server lists it. */
async function leftoversOfReal(runId: string): Promise<readonly string[]> {
  const env = (name: string) => name === "KUBECONFIG" ? REAL : undefined;
  const cluster = await findCluster({ context: undefined, env, now: Date.now });
  using client = new ApiClient(cluster);
  const left: string[] = [];
  for (const kind of ["pods", "persistentvolumeclaims"]) {
    const { items } = await client.ask<{ items: { metadata: { name: string } }[] }>({
      method: "GET",
      path: `/api/v1/namespaces/${cluster.namespace}/${kind}`,
      query: { labelSelector: `pipedreamer.io/run=${runId}` },
    });
    const isVolume = (name: string) => kind !== "pods" || name.startsWith("pd-files-of-");
    left.push(
      ...items.map(({ metadata: { name } }) =>
        `${isVolume(name) ? "volume" : "container"} ${name}`
      ),
    );
  }
  return left;
}

async function openAt(
  address: string,
  kubeconfig: string | undefined,
  who: Partial<EngineOptions> = {},
): Promise<Driver> {
  return await openKubernetes(parseDriverAddress(address), {
    clock: systemClock,
    owner: who.owner ?? { ...currentOwner(), host: "test" },
    // Owners of the suite have no process; they live unless a case says otherwise.
    isOwnerAlive: who.isOwnerAlive ?? (() => Promise.resolve(true)),
    env: (name) => name === "KUBECONFIG" ? kubeconfig : undefined,
    cwd: "/nonexistent",
    dataDir: "/nonexistent",
    onWarning() {},
  });
}
