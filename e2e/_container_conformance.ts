import { systemClock } from "../engine/clock/mod.ts";
import type { DriverFixture, EngineOptions } from "../engine/drivers/conformance/mod.ts";
import { open } from "../engine/drivers/docker/mod.ts";
import { type Driver, parseDriverAddress } from "../engine/drivers/mod.ts";
import { currentOwner } from "../engine/storage/mod.ts";
import { BUSYBOX } from "./_docker_server.ts";

/** A server of containers, as its own command line sees it. */
export interface ContainerServer {
  /** As a driver's DSN. */
  readonly address: string;
  /** Runs its command line, `docker` or `podman`. */
  ask(...args: string[]): Promise<string>;
}

/** How large the cases are, and which variable of this process no container may see. */
export type ConformanceSizes = Pick<DriverFixture, "hostVariable" | "bigBytes" | "manyFiles">;

/** What the cases of the driver work with on such a server. */
export async function openFixture(
  server: ContainerServer,
  sizes: ConformanceSizes,
): Promise<DriverFixture & AsyncDisposable> {
  const openDriver = (who?: Partial<EngineOptions>) => openOn(server, who);
  const driver = await openDriver();
  return {
    driver,
    image: BUSYBOX,
    ...sizes,
    open: openDriver,
    leftovers: (runId) => leftovers(server, runId),
    [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose](),
  };
}

async function leftovers(server: ContainerServer, runId: string): Promise<readonly string[]> {
  const filter = ["--filter", `label=pipedreamer.run=${runId}`];
  const containers = await server.ask("ps", "--all", ...filter, "--format", "{{.Names}}");
  const volumes = await server.ask("volume", "ls", ...filter, "--format", "{{.Name}}");
  return [
    // Files of a volume go through a container that is never started, and lives as long as the volume.
    ...containers.split("\n").filter(Boolean).map((name) =>
      name.endsWith("-files") ? `volume ${name}` : `container ${name}`
    ),
    ...volumes.split("\n").filter(Boolean).map((name) => `volume ${name}`),
  ];
}

function openOn({ address }: ContainerServer, who: Partial<EngineOptions> = {}): Promise<Driver> {
  return open(parseDriverAddress(address), {
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
