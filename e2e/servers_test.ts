import assert from "node:assert/strict";
import { findPostgres, startPostgres } from "./_postgres_server.ts";
import { runs } from "./_processes.ts";

const postgres = await findPostgres();

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
