import assert from "node:assert/strict";
import { readAddress } from "./address.ts";

const none = () => undefined;

Deno.test("readAddress() reads what an address says and fills in the rest", () => {
  const rows: [string, Partial<ReturnType<typeof readAddress>>][] = [
    ["postgres://clerk:p%40ss@db.example.com:6543/runs", {
      shown: "postgres://db.example.com:6543/runs",
      host: "db.example.com",
      port: 6543,
      database: "runs",
      user: "clerk",
      password: "p@ss",
      ssl: false,
      schema: "pipedreamer",
      leaseMs: 15_000,
    }],
    ["postgresql://db/runs?schema=orders&lease=1m&pool=8&patience=500ms&application_name=pd-2", {
      schema: "orders",
      leaseMs: 60_000,
      poolSize: 8,
      patienceMs: 500,
      settings: { application_name: "pd-2" },
    }],
    ["postgres://[::1]/runs?sslmode=require", { host: "::1", port: 5432, ssl: "require" }],
    ["postgres:///runs?host=/run/postgresql", {
      shown: "postgres://:5432/runs",
      host: "/run/postgresql",
    }],
  ];
  for (const [text, want] of rows) {
    const have = readAddress(text, none);
    for (const [key, value] of Object.entries(want)) {
      assert.deepEqual(have[key as keyof typeof have], value, `${text}: ${key}`);
    }
  }
});

Deno.test("readAddress() takes from the environment what the address leaves out", () => {
  const env = new Map([
    ["PGHOST", "db"],
    ["PGPORT", "6000"],
    ["PGUSER", "clerk"],
    ["PGPASSWORD", "hush"],
    ["PGDATABASE", "runs"],
  ]);
  const { shown, user, password } = readAddress("postgres://", (name) => env.get(name));
  assert.deepEqual([shown, user, password], ["postgres://db:6000/runs", "clerk", "hush"]);
});

Deno.test("readAddress() refuses what it cannot read, and repeats no password", () => {
  const rows = [
    "postgres://clerk:hush@db:port/runs",
    "postgres://clerk:hush@db/runs?schema=No",
    "postgres://clerk:hush@db/runs?lease=1ms",
    "postgres://clerk:hush@db/runs?lease=soon",
    "postgres://clerk:hush@db/runs?pool=0",
    "postgres://clerk:hush@db/runs?sslmode=maybe",
    "postgres://clerk:hush@db/runs?sslmode=verify-full&sslrootcert=/no/such/file",
    "postgres://clerk:hush%ZZ@db/runs",
  ];
  for (const text of rows) {
    assert.throws(() => readAddress(text, none), (error: Error & { code?: string }) => {
      assert.equal(error.code, "STORAGE_INVALID", text);
      assert.ok(!Deno.inspect(error).includes("hush"), text);
      return true;
    });
  }
});
