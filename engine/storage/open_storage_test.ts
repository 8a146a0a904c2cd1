import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { defaultStorageUrl, openStorage, StorageError } from "./mod.ts";
import { readAddress } from "./sqlite/address.ts";

Deno.test("openStorage() names every kind of address when it gets another", async () => {
  for (
    const url of ["mysql://user:hunter2@db/runs", "runs.db", "/var/runs.db", "", "://", "sqlite"]
  ) {
    const error = await openStorage(url, { clock: new FakeClock() }).then(
      () => undefined,
      (e) => e,
    );
    assert.ok(error instanceof StorageError);
    assert.equal(error.code, "STORAGE_INVALID");
    assert.match(error.fix ?? "", /sqlite:\/\/.*postgres:\/\/.*memory:/);
    assert.doesNotMatch(error.message, /hunter2/);
  }
});

Deno.test("openStorage() takes memory: without a name only", async () => {
  for (const url of ["memory:", "memory://", "MEMORY:"]) {
    await using storage = await openStorage(url, { clock: new FakeClock() });
    assert.equal(storage.kind, "memory");
  }
  await assert.rejects(openStorage("memory:runs", { clock: new FakeClock() }), {
    code: "STORAGE_INVALID",
  });
});

Deno.test("defaultStorageUrl() lies in the user's data folder", () => {
  const cases: readonly [Record<string, string>, string][] = [
    [{ HOME: "/users/a" }, "/users/a/.local/share/pipedreamer/runs.db"],
    [{ HOME: "/users/a", XDG_DATA_HOME: "/data" }, "/data/pipedreamer/runs.db"],
    [{ HOME: "/users/a", XDG_DATA_HOME: "/data", PD_DATA_DIR: "/pd/" }, "/pd/runs.db"],
    [
      { HOME: "/users/a", XDG_DATA_HOME: "", PD_DATA_DIR: "" },
      "/users/a/.local/share/pipedreamer/runs.db",
    ],
    [{ PD_DATA_DIR: "/my data?/100%" }, "/my data?/100%/runs.db"],
    [{ PD_DATA_DIR: "./here" }, "/srv/here/runs.db"],
  ];
  for (const [env, path] of cases) {
    const url = defaultStorageUrl((name) => env[name]);
    assert.equal(readAddress(url, () => "/srv").path, path);
  }
  assert.throws(() => defaultStorageUrl(() => undefined), { code: "STORAGE_INVALID" });
});
