import { DRIVER_CONFORMANCE, runCase } from "../engine/drivers/conformance/mod.ts";
import { openFixture } from "./_container_conformance.ts";
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
      await using fixture = await openFixture({
        address: server.address,
        ask: (...args) => server.podman(...args),
      }, { hostVariable: HOST_VARIABLE, bigBytes: 2 ** 26, manyFiles: 2_000 });
      if (one.needs === undefined || fixture.driver.capabilities[one.needs]) {
        await runCase(one, fixture);
      }
    },
  });
}
