import { systemClock } from "../engine/clock/mod.ts";
import {
  DRIVER_CONFORMANCE,
  type DriverFixture,
  type EngineOptions,
  runCase,
} from "../engine/drivers/conformance/mod.ts";
import { open as openPodman } from "../engine/drivers/docker/mod.ts";
import { type Driver, parseDriverAddress } from "../engine/drivers/mod.ts";
import { currentOwner } from "../engine/storage/mod.ts";
import { BUSYBOX } from "./_docker_server.ts";
import { PodmanServer } from "./_podman_server.ts";

const HOST_VARIABLE = "PD_PODMAN_CONFORMANCE_TEST";
Deno.env.set(HOST_VARIABLE, "of the host");

/** What cannot hold with Podman, and why; `docs/reference/drivers.md` says so too. */
const SKIPS: { readonly [does: string]: string } = {
  "brings back no file that is a symlink":
    "Podman follows the link, inside of the container: what comes back is a file of that, never of the host",
};

const found = await PodmanServer.find();
let server: PodmanServer;
Deno.test.beforeAll(async () => {
  if (found.status === "ready") server = await PodmanServer.start();
});
Deno.test.afterAll(async () => {
  if (found.status === "ready") await server[Symbol.asyncDispose]();
});

for (const one of DRIVER_CONFORMANCE) {
  Deno.test({
    name: `podman driver ${one.does}`,
    ignore: found.status === "missing" || SKIPS[one.does] !== undefined,
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
    bigBytes: 2 ** 26,
    manyFiles: 2_000,
    open,
    leftovers,
  };
}

async function leftovers(runId: string): Promise<readonly string[]> {
  const filter = ["--filter", `label=pipedreamer.run=${runId}`];
  const containers = await server.podman("ps", "--all", ...filter, "--format", "{{.Names}}");
  const volumes = await server.podman("volume", "ls", ...filter, "--format", "{{.Name}}");
  return [
    // Files of a volume go through a container that is never started, and lives as long as the volume.
    ...containers.split("\n").filter(Boolean).map((name) =>
      name.endsWith("-files") ? `volume ${name}` : `container ${name}`
    ),
    ...volumes.split("\n").filter(Boolean).map((name) => `volume ${name}`),
  ];
}

async function open(who: Partial<EngineOptions> = {}): Promise<Driver> {
  return await openPodman(parseDriverAddress(server.address), {
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
