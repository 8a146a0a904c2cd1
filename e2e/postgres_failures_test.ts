import assert from "node:assert/strict";
import { systemClock } from "../engine/clock/mod.ts";
import { openStorage, type Storage, StorageError } from "../engine/storage/mod.ts";
import { findPostgres, startPostgres } from "./_postgres_server.ts";
import { acceptedRun, engineOwner, succeeded } from "./_storage_runs.ts";

const postgres = await findPostgres();
const ignore = postgres.status === "missing";
const options = { clock: systemClock };

Deno.test({
  name: "a storage that cannot be opened says why and what to do, and never the password",
  ignore,
  async fn(t) {
    await using server = await startPostgres();
    const url = await server.createDatabase("runs");
    const wrong = "s3cr%3At-of-nobody";
    await server.sql("CREATE ROLE clerk LOGIN PASSWORD 's3cr:t-of-nobody'");
    const at = (user: string, rest: string) => `postgres://${user}@127.0.0.1:${rest}`;
    const rows: { name: string; url: string; code: string; message: RegExp; fix: RegExp }[] = [
      {
        name: "a wrong password",
        url: at(`postgres:${wrong}`, `${server.port}/runs`),
        code: "STORAGE_INVALID",
        message: /as the database of runs: the server refuses the user: password authentication/,
        fix: /user and password/,
      },
      {
        name: "a port where nobody listens",
        url: at(`postgres:${wrong}`, "1/runs"),
        code: "STORAGE_UNAVAILABLE",
        message:
          /Cannot reach storage "postgres:\/\/127.0.0.1:1\/runs" as its server: ECONNREFUSED/,
        fix: /^pg_isready -h 127.0.0.1 -p 1$/,
      },
      {
        name: "a host that does not exist",
        url: `postgres://postgres:${wrong}@nowhere.invalid/runs`,
        code: "STORAGE_UNAVAILABLE",
        message: /nowhere\.invalid/,
        fix: /^pg_isready -h nowhere.invalid -p 5432$/,
      },
      {
        name: "a database that does not exist",
        url: url.replace(/runs$/, "walks"),
        code: "STORAGE_INVALID",
        message: /it does not exist/,
        fix: /^createdb -h 127.0.0.1 -p \d+ "walks"$/,
      },
      {
        name: "a user who may not create the schema",
        url: at(`clerk:${wrong}`, `${server.port}/runs`),
        code: "STORAGE_INVALID",
        message: /the user may not do that: permission denied for database runs/,
        fix: /GRANT CREATE ON DATABASE "runs" TO "clerk"/,
      },
      {
        name: "an address that is none",
        url: `postgres://postgres:${wrong}@127.0.0.1:port/runs`,
        code: "STORAGE_INVALID",
        message: /^Cannot open the storage as an address of PostgreSQL: it is no URL$/,
        fix: /postgres:\/\/user@host:5432\/database/,
      },
      {
        name: "a schema that is no name",
        url: `${url}?schema=${encodeURIComponent("x; DROP TABLE runs")}`,
        code: "STORAGE_INVALID",
        message: /is no name of a schema/,
        fix: /\?schema=/,
      },
      {
        name: "a lease that is no duration",
        url: `${url}?lease=soon`,
        code: "STORAGE_INVALID",
        message: /its lease is no duration/,
        fix: /\?lease=15s/,
      },
      {
        name: "a setting that the server does not have",
        url: `${url}?no_such_setting=1`,
        code: "STORAGE_INVALID",
        message: /a setting is unknown to the server/,
        fix: /--storage/,
      },
    ];
    for (const { name, url, code, message, fix } of rows) {
      await t.step(name, async () => {
        const error = await openStorage(url, options).then(() => undefined, (error) => error);
        assert.ok(error instanceof StorageError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.match(error.fix ?? "", fix);
        const all = Deno.inspect(error) + Deno.inspect(error.cause, { showHidden: true });
        for (const secret of [wrong, decodeURIComponent(wrong), server.password]) {
          assert.ok(!all.includes(secret), "no password in anything that is shown");
        }
      });
    }
    await t.step("what the fix says lets the user in", async () => {
      await server.sql('GRANT CREATE ON DATABASE "runs" TO "clerk"', "runs");
      await using storage = await openStorage(rows[4]?.url ?? "", options);
      assert.deepEqual(await storage.listRuns({ limit: 1 }), []);
    });
    await t.step("a user, who has the schema and no other rights, is enough", async () => {
      await server.sql('REVOKE CREATE ON DATABASE "runs" FROM "clerk"', "runs");
      await using storage = await openStorage(rows[4]?.url ?? "", options);
      assert.deepEqual(await storage.listRuns({ limit: 1 }), []);
    });
    await t.step("a storage written by a newer version is refused", async () => {
      await server.sql("INSERT INTO pipedreamer.migrations (version) VALUES (99)", "runs");
      await assert.rejects(openStorage(url, options), {
        code: "STORAGE_TOO_NEW",
        message: /version 99/,
      });
    });
    await t.step("a storage whose tables are gone is reported, not made anew", async () => {
      const url = await server.createDatabase("torn");
      await (await openStorage(url, options))[Symbol.asyncDispose]();
      await server.sql("DROP TABLE pipedreamer.runs CASCADE", "torn");
      await using storage = await openStorage(url, options);
      await assert.rejects(storage.listRuns({ limit: 1 }), { code: "STORAGE_DAMAGED" });
    });
  },
});

/** Counts events as they are stored, so that a server can be killed between them. */
class Progress {
  #stored = 0;
  readonly #waiting: { readonly at: number; resolve(): void }[] = [];

  count(): void {
    this.#stored++;
    for (const { at, resolve } of this.#waiting) if (this.#stored >= at) resolve();
  }

  reached(at: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ at, resolve }));
  }
}

/** Appends events 1 to `count` one by one, repeating what failed for the moment, and says how often that was. */
async function appendAll(
  storage: Storage,
  count: number,
  progress = new Progress(),
): Promise<number> {
  const owner = engineOwner("writer");
  const run = acceptedRun();
  let repeats = 0;
  const insist = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof StorageError) || error.code !== "STORAGE_UNAVAILABLE") throw error;
        repeats++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  const created = await insist(() => storage.createRun(run, owner));
  assert.ok(created.status === "created");
  const { lease } = created;
  for (let seq = 1; seq <= count; seq++) {
    const event = succeeded(run.runId, seq);
    await insist(() => storage.append({ lease, events: [event] }));
    progress.count();
  }
  await insist(() =>
    storage.append({ lease, events: [], update: { status: "succeeded", completedAt: Date.now() } })
  );
  const events = await insist(() => storage.readEvents(run.runId, 0));
  assert.deepEqual(events.map(({ seq }) => seq), Array.from({ length: count }, (_, i) => i + 1));
  assert.equal((await insist(() => storage.getRun(run.runId)))?.status, "succeeded");
  return repeats;
}

for (const patience of ["10s", "0s"]) {
  const waits = patience === "10s";
  Deno.test({
    name: `a server that is killed and restarted under appends loses and doubles nothing, ${
      waits ? "and no call fails" : "when callers repeat what failed"
    }`,
    ignore,
    async fn() {
      await using server = await startPostgres();
      const url = `${await server.createDatabase()}?patience=${patience}`;
      await using storage = await openStorage(url, options);
      const progress = new Progress();
      const moments = [progress.reached(500), progress.reached(2_500)];
      const over = Promise.all(
        Array.from({ length: 20 }, () => appendAll(storage, 200, progress)),
      );
      for (const moment of moments) {
        await moment;
        await server.kill();
        await server.start();
      }
      const repeats = (await over).reduce((sum, count) => sum + count, 0);
      if (waits) assert.equal(repeats, 0);
      else assert.ok(repeats > 0, "some calls failed");
      assert.equal((await storage.listRuns({ limit: 100 })).length, 20);
    },
  });
}

Deno.test({
  name: "connections that are cut thirty times under appends lose and double nothing",
  ignore,
  async fn() {
    await using server = await startPostgres();
    await using storage = await openStorage(
      `${await server.createDatabase()}?patience=0s`,
      options,
    );
    let isOver = false;
    const runs = Array.from({ length: 10 }, () => appendAll(storage, 300));
    const over = Promise.all(runs).finally(() => isOver = true);
    for (let cut = 0; cut < 30 && !isOver; cut++) await server.cutConnections();
    await over;
    assert.equal((await storage.listRuns({ limit: 100 })).length, 10);
  },
});

Deno.test({
  name: "a storage closes while its server is away, and its calls fail in time",
  ignore,
  async fn() {
    await using server = await startPostgres();
    const url = `${await server.createDatabase()}?patience=100ms`;
    await using storage = await openStorage(url, options);
    const stop = storage.onChange(() => {});
    await storage.listRuns({ limit: 1 });
    await server.kill();
    await assert.rejects(storage.listRuns({ limit: 1 }), { code: "STORAGE_UNAVAILABLE" });
    const since = performance.now();
    await storage[Symbol.asyncDispose]();
    assert.ok(performance.now() - since < 2_000);
    stop();
  },
});

Deno.test({
  name:
    "a connection is encrypted, and the server has to prove who it is, when the address asks for it",
  ignore,
  async fn() {
    await using server = await startPostgres({ tls: true });
    await using other = await startPostgres({ tls: true });
    const url = (await server.createDatabase()).replace("127.0.0.1", "localhost");
    for (const query of ["sslmode=require", `sslmode=verify-full&sslrootcert=${server.caFile}`]) {
      await using storage = await openStorage(`${url}?${query}`, options);
      assert.deepEqual(await storage.listRuns({ limit: 1 }), []);
      assert.equal(
        await server.sql(
          "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) " +
            "WHERE application_name = 'pipedreamer'",
        ),
        "t",
      );
    }
    await assert.rejects(
      openStorage(`${url}?sslmode=verify-full&sslrootcert=${other.caFile}`, options),
      { code: "STORAGE_INVALID", message: /its certificate is not to be trusted/ },
    );
  },
});

Deno.test({
  name: "what happened while the connection that listens was away is heard afterwards",
  ignore,
  async fn() {
    await using server = await startPostgres();
    const url = await server.createDatabase();
    await using a = await openStorage(url, options);
    await using b = await openStorage(url, options);
    const run = acceptedRun();
    const created = await a.createRun(run, engineOwner("a"));
    assert.ok(created.status === "created");
    const { lease } = created;
    let heard = Promise.withResolvers<void>();
    const stop = b.onChange((runId) => runId === run.runId && heard.resolve());
    await a.append({ lease, events: [succeeded(run.runId, 1)] });
    await heard.promise;
    for (let seq = 2; seq <= 4; seq++) {
      await server.kill();
      const appended = a.append({ lease, events: [succeeded(run.runId, seq)] });
      await server.start();
      heard = Promise.withResolvers<void>();
      await appended;
      await heard.promise;
    }
    stop();
  },
});
