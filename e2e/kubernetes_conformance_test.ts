import { systemClock } from "../engine/clock/mod.ts";
import {
  DRIVER_CONFORMANCE,
  type DriverFixture,
  type EngineOptions,
  runCase,
} from "../engine/drivers/conformance/mod.ts";
import { open as openKubernetes } from "../engine/drivers/kubernetes/mod.ts";
import { type Driver, parseDriverAddress } from "../engine/drivers/mod.ts";
import { currentOwner } from "../engine/storage/mod.ts";
import { BUSYBOX, DockerServer } from "./_docker_server.ts";
import { KubernetesServer } from "./_kubernetes_server.ts";

const HOST_VARIABLE = "PD_KUBERNETES_CONFORMANCE_TEST";
Deno.env.set(HOST_VARIABLE, "of the host");

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

async function open(who: Partial<EngineOptions> = {}): Promise<Driver> {
  const address = parseDriverAddress(`k8s://test?helper_image=${encodeURIComponent(BUSYBOX)}`);
  return await openKubernetes(address, {
    clock: systemClock,
    owner: who.owner ?? { ...currentOwner(), host: "test" },
    // Owners of the suite have no process; they live unless a case says otherwise.
    isOwnerAlive: who.isOwnerAlive ?? (() => Promise.resolve(true)),
    env: (name) => name === "KUBECONFIG" ? server.kubeconfig : undefined,
    cwd: "/nonexistent",
    dataDir: "/nonexistent",
    onWarning() {},
  });
}
