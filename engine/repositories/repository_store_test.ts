import assert from "node:assert/strict";
import { systemClock } from "../clock/mod.ts";
import { openStorage } from "../storage/mod.ts";
import { RepositoryStore } from "./repository_store.ts";

const APP = {
  name: "app",
  url: "/srv/app.git",
  workflow: "ci",
  branch: "main",
  secretFrom: undefined,
  commit: undefined,
  problem: undefined,
};

async function withStore(test: (store: RepositoryStore) => Promise<void>): Promise<void> {
  await using storage = await openStorage("memory:", { clock: systemClock });
  await test(new RepositoryStore(storage, () => 7));
}

Deno.test("a repository is there as it was added, and replaced it keeps its commit and templates", () =>
  withStore(async (store) => {
    assert.deepEqual(await store.add(APP), { ...APP, updatedAt: 7 });
    await assert.rejects(store.add(APP), { code: "ALREADY_EXISTS" });
    await store.change("app", { commit: "c0ffee" });
    await store.attach({
      repository: "app",
      template: "lint",
      version: undefined,
      inputs: {},
      last: undefined,
    });
    const replaced = await store.add({ ...APP, branch: "trunk", workflow: undefined }, true);
    assert.deepEqual(replaced, {
      ...APP,
      branch: "trunk",
      workflow: undefined,
      commit: "c0ffee",
      updatedAt: 7,
    });
    assert.equal((await store.attachments("app")).length, 1);
    assert.equal(await store.remove("app"), true);
    assert.deepEqual([await store.attachments(), await store.repositories()], [[], []]);
  }));

Deno.test("changes of one moment are all there", () =>
  withStore(async (store) => {
    await store.add(APP);
    const problem = { at: 1, message: "m", commit: undefined };
    await Promise.all([
      store.change("app", { commit: "c0ffee" }),
      store.change("app", { problem }),
      store.change("app", { branch: "trunk" }),
    ]);
    const { commit, branch, problem: kept } = await store.get("app");
    assert.deepEqual([commit, branch, kept?.message], ["c0ffee", "trunk", "m"]);
    await store.change("nope", { commit: "x" });
    assert.equal(await store.find("nope"), undefined);
  }));
