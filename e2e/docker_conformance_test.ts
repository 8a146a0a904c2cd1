import { systemClock } from "../engine/clock/mod.ts";
import {
  DRIVER_CONFORMANCE,
  type DriverFixture,
  type EngineOptions,
  runCase,
} from "../engine/drivers/conformance/mod.ts";
import { open as openDocker } from "../engine/drivers/docker/mod.ts";
import { type Driver, parseDriverAddress } from "../engine/drivers/mod.ts";
import { currentOwner } from "../engine/storage/mod.ts";
import { BUSYBOX, DockerServer } from "./_docker_server.ts";

const HOST_VARIABLE = "PD_DOCKER_CONFORMANCE_TEST";
Deno.env.set(HOST_VARIABLE, "of the host");

const found = await DockerServer.find();
let server: DockerServer;
Deno.test.beforeAll(async () => {
  if (found.status === "ready") server = await DockerServer.start();
});
Deno.test.afterAll(async () => {
  if (found.status === "ready") await server[Symbol.asyncDispose]();
});

for (const one of DRIVER_CONFORMANCE) {
  Deno.test({
    name: `docker driver ${one.does}`,
    ignore: found.status === "missing",
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
    leftovers,
  };
}

async function leftovers(runId: string): Promise<readonly string[]> {
  const filter = ["--filter", `label=pipedreamer.run=${runId}`];
  const containers = await server.docker("ps", "--all", ...filter, "--format", "{{.Names}}");
  const volumes = await server.docker("volume", "ls", ...filter, "--format", "{{.Name}}");
  return [
    // Files of a volume go through a container that is never started, and lives as long as the volume.
    ...containers.split("\n").filter(Boolean).map((name) =>
      name.endsWith("-files") ? `volume ${name}` : `container ${name}`
    ),
    ...volumes.split("\n").filter(Boolean).map((name) => `volume ${name}`),
  ];
}

async function open(who: Partial<EngineOptions> = {}): Promise<Driver> {
  return await openDocker(parseDriverAddress(server.address), {
    clock: systemClock,
    owner: who.owner ?? { ...currentOwner(), host: "test" },
    // Owners of the suite have no process; they live unless a case says otherwise.
    isOwnerAlive: who.isOwnerAlive ?? (() => Promise.resolve(true)),
    env: () => undefined,
    cwd: "/nonexistent",
    dataDir: "/nonexistent",
    onWarning() {},
  });
}
