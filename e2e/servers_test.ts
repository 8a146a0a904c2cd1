import assert from "node:assert/strict";
import { jetstreamManager } from "@nats-io/jetstream";
import { dial, type NatsSettings } from "../engine/triggers/nats/mod.ts";
import { findNats, startNats } from "./_nats_server.ts";
import { findPostgres, startPostgres } from "./_postgres_server.ts";
import { runs } from "./_processes.ts";

const postgres = await findPostgres();
const nats = await findNats();

Deno.test({
  name: "startPostgres() keeps what was committed over a kill, and leaves nothing behind",
  ignore: postgres.status === "missing",
  async fn() {
    let pid: number;
    {
      await using server = await startPostgres();
      const database = new URL(await server.createDatabase()).pathname.slice(1);
      await server.sql("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)", database);
      await server.kill();
      await server.start();
      assert.equal(await server.sql("SELECT sum(n) FROM t", database), "3");
      await server.stop();
      await server.start();
      assert.equal(await server.sql("SELECT sum(n) FROM t", database), "3");
      pid = server.pid;
    }
    assert.equal(await runs(pid), false);
  },
});

for (const over of ["TCP", "TLS"]) {
  Deno.test({
    name:
      `startNats() over ${over} keeps streams at a kill, cuts connections and refuses strangers`,
    ignore: nats.status === "missing",
    async fn() {
      const tls = over === "TLS";
      await using server = await startNats({ tls });
      const settings: NatsSettings = {
        servers: [server.url],
        requiresTls: tls,
        ca: server.caFile === undefined ? undefined : await Deno.readTextFile(server.caFile),
        credentials: { kind: "token", token: server.token },
        mayCreate: false,
      };
      const options = { name: "a test", random: () => 0 };
      const connection = await dial(settings, options);
      const manager = await jetstreamManager(connection);
      await manager.streams.add({ name: "orders", subjects: ["orders.>"] });
      const changes = connection.status()[Symbol.asyncIterator]();
      const reconnected = async () => {
        while ((await changes.next()).value?.type !== "reconnect");
      };
      server.cutConnections();
      await reconnected();
      await server.kill();
      await server.start();
      await reconnected();
      assert.equal((await manager.streams.info("orders")).config.name, "orders");
      const refused: NatsSettings = {
        ...settings,
        servers: [server.directUrl],
        credentials: { kind: "token", token: "wrong" },
      };
      // One of four such connections is reset in a moment in which the library has taken its listeners off.
      for (let attempt = 0; attempt < 40; attempt++) {
        await assert.rejects(dial(refused, options), /refuses the token of the secrets/);
      }
      await connection.close();
    },
  });
}
