import { DRIVER_CONFORMANCE, runCase } from "../engine/drivers/conformance/mod.ts";
import { openFixture } from "./_container_conformance.ts";
import { DockerServer } from "./_docker_server.ts";

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
      await using fixture = await openFixture({
        address: server.address,
        ask: (...args) => server.docker(...args),
      }, { hostVariable: HOST_VARIABLE, bigBytes: 2 ** 30, manyFiles: 100_000 });
      if (one.needs === undefined || fixture.driver.capabilities[one.needs]) {
        await runCase(one, fixture);
      }
    },
  });
}
