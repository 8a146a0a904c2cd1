import assert from "node:assert/strict";
import { type CacheStore, openCacheStore } from "../workspace/mod.ts";
import type { Driver, Volume } from "./driver.ts";
import { withCache } from "./with_cache.ts";

Deno.test("a volume holds in the next run what the last one left in it", async () => {
  await using place = await makePlace();
  const first = place.open("k6");
  const volume = await first.createVolume({ runId: "1", name: "deps" });
  assert.equal(place.contentOf(volume), "");
  place.write(volume, "from run 1");
  await first.endRun("1");
  assert.deepEqual(place.ended, ["1"]);

  const second = await place.open("k6").createVolume({ runId: "2", name: "deps" });
  assert.equal(place.contentOf(second), "from run 1");
  const other = await place.open("terraform").createVolume({ runId: "3", name: "deps" });
  assert.equal(place.contentOf(other), "");
  assert.deepEqual(place.warnings, []);
});

Deno.test("the workspace, output and a volume that was removed are not kept", async () => {
  await using place = await makePlace();
  const driver = place.open("k6");
  for (const name of ["workdir", "output", "gone"]) {
    const volume = await driver.createVolume({ runId: "1", name });
    place.write(volume, "content");
    if (name === "gone") await driver.removeVolume(volume);
  }
  await driver.endRun("1");
  for (const name of ["workdir", "output", "gone"]) {
    assert.equal(place.contentOf(await driver.createVolume({ runId: "2", name })), "");
  }
});

Deno.test("the end of one run keeps its own volumes, and the end of the driver the rest", async () => {
  await using place = await makePlace();
  const driver = place.open("k6");
  const one = await driver.createVolume({ runId: "1", name: "a" });
  const two = await driver.createVolume({ runId: "2", name: "a" });
  place.write(one, "one");
  place.write(two, "two");
  await driver.endRun("1");
  assert.equal(place.contentOf(await driver.createVolume({ runId: "3", name: "a" })), "one");
  await driver.endRun("3");
  await driver[Symbol.asyncDispose]();
  assert.equal(
    place.contentOf(await place.open("k6").createVolume({ runId: "4", name: "a" })),
    "two",
  );
});

Deno.test("a volume that is asked for twice is filled once, and both wait for it", async () => {
  await using place = await makePlace();
  await place.store.persist("k6/a", streamOf("kept"));
  const driver = place.open("k6");
  const [one, two] = await Promise.all([
    driver.createVolume({ runId: "1", name: "a" }),
    driver.createVolume({ runId: "1", name: "a" }),
  ]);
  assert.equal(one, two);
  assert.equal(place.contentOf(one), "kept");
  assert.equal(place.copies, 1);
});

Deno.test("a store that fails is a warning, and what could not be restored is not overwritten", async () => {
  await using place = await makePlace();
  await place.store.persist("k6/a", streamOf("kept"));
  const broken: CacheStore = {
    ...bound(place.store),
    restore: () => Promise.reject(new Error("the disk is gone")),
  };
  const driver = place.open("k6", broken);
  const volume = await driver.createVolume({ runId: "1", name: "a" });
  place.write(volume, "new");
  await driver.endRun("1");
  assert.match(place.warnings.join(), /Volume "a" starts empty.*the disk is gone/);
  assert.equal(
    place.contentOf(await place.open("k6").createVolume({ runId: "2", name: "a" })),
    "kept",
  );

  const full: CacheStore = {
    ...bound(place.store),
    persist: () => Promise.reject(new Error("full")),
  };
  const other = place.open("k6", full);
  await other.createVolume({ runId: "3", name: "b" });
  await other.endRun("3");
  assert.match(place.warnings.join(), /Volume "b" is not kept: full/);
  assert.ok(place.ended.includes("3"));
});

function bound(store: CacheStore): CacheStore {
  return {
    restore: (key) => store.restore(key),
    persist: (key, tar) => store.persist(key, tar),
    exists: (key) => store.exists(key),
    delete: (key) => store.delete(key),
  };
}

/** A driver whose volumes are texts, and a real store. */
async function makePlace() {
  const dir = await Deno.makeTempDir();
  const store = await openCacheStore(`local://${dir}`, { cwd: "/" });
  const volumes = new Map<string, { volume: Volume; content: string }>();
  const place = {
    store,
    warnings: [] as string[],
    ended: [] as string[],
    copies: 0,
    contentOf: (volume: Volume) => volumes.get(volume.id)?.content,
    write: (volume: Volume, content: string) => void volumes.set(volume.id, { volume, content }),
    open: (scope: string, from: CacheStore = store) =>
      withCache(driver as Driver, from, { scope, onWarning: (text) => place.warnings.push(text) }),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
  const driver: Partial<Driver> = {
    name: "fake",
    createVolume({ runId, name }) {
      const id = `${runId}/${name}`;
      const known = volumes.get(id) ?? { volume: { id, runId, name }, content: "" };
      volumes.set(id, known);
      return Promise.resolve(known.volume);
    },
    async copyIn(volume, tar) {
      place.copies++;
      place.write(volume, await new Response(tar).text());
    },
    copyOut: (volume) => Promise.resolve(streamOf(place.contentOf(volume) ?? "")),
    removeVolume: (volume) => Promise.resolve(void volumes.delete(volume.id)),
    endRun: (runId) => Promise.resolve(void place.ended.push(runId)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return place;
}

function streamOf(text: string): ReadableStream<Uint8Array> {
  return ReadableStream.from([new TextEncoder().encode(text)]);
}
