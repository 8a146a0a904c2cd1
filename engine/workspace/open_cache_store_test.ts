import assert from "node:assert/strict";
import { bytesOf, failureOf, makeFolder, streamOf } from "./_test_folder.ts";
import { type CacheStore, openCacheStore } from "./mod.ts";

/** What every store does; each row opens one in a folder of its own. */
const STORES: readonly { readonly name: string; readonly params: string }[] = [
  { name: "local:// with zstd", params: "" },
  { name: "local:// with gzip", params: "?compression=gzip" },
  { name: "local:// without compression", params: "?compression=none" },
];

const CONTRACT: readonly {
  readonly does: string;
  readonly test: (store: CacheStore) => Promise<void>;
}[] = [
  {
    does: "gives back what was persisted, and nothing under another key",
    async test(store) {
      assert.equal(await store.restore("a"), undefined);
      assert.equal(await store.exists("a"), false);
      const bytes = sample(2_000_000);
      await store.persist("a", streamOf(bytes, 60_000));
      assert.equal(await store.exists("a"), true);
      assert.deepEqual(await restored(store, "a"), bytes);
      assert.equal(await store.restore("A"), undefined);
    },
  },
  {
    does: "takes any text as a key",
    async test(store) {
      const keys = [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a b",
        "\0",
        "ü\u{1F600}",
        "x".repeat(5000),
        "a/b/",
        "con",
      ];
      for (const [index, key] of keys.entries()) {
        await store.persist(key, streamOf(sample(100 + index)));
      }
      for (const [index, key] of keys.entries()) {
        assert.deepEqual(await restored(store, key), sample(100 + index));
      }
    },
  },
  {
    does: "replaces what was there, and deletes it once",
    async test(store) {
      await store.persist("k", streamOf(sample(10)));
      await store.persist("k", streamOf(sample(20)));
      assert.deepEqual(await restored(store, "k"), sample(20));
      assert.equal(await store.delete("k"), true);
      assert.equal(await store.delete("k"), false);
      assert.equal(await store.restore("k"), undefined);
    },
  },
  {
    does: "keeps the old one when a new one fails half-way or is aborted",
    async test(store) {
      await store.persist("k", streamOf(sample(10)));
      const reason = new Error("cut");
      const failing = ReadableStream.from((function* () {
        yield sample(500_000);
        throw reason;
      })());
      await assert.rejects(store.persist("k", failing), reason);
      const controller = new AbortController();
      const endless = new ReadableStream<Uint8Array>({
        pull(stream) {
          stream.enqueue(sample(1000));
          controller.abort(reason);
        },
      });
      await assert.rejects(store.persist("k", endless, controller.signal), reason);
      assert.deepEqual(await restored(store, "k"), sample(10));
    },
  },
  {
    does: "gives readers a whole one while writers replace it",
    async test(store) {
      await store.persist("k", streamOf(sample(100_000)));
      const reading = await store.restore("k");
      await Promise.all(
        [1, 2, 3, 4].map((n) => store.persist("k", streamOf(sample(100_000 + n), 5000))),
      );
      assert.ok(reading);
      assert.deepEqual(await bytesOf(reading), sample(100_000));
      assert.ok((await restored(store, "k")).length > 100_000);
    },
  },
  {
    does: "lets go of an archive that is not read to its end",
    async test(store) {
      await store.persist("k", streamOf(sample(3_000_000)));
      await (await store.restore("k"))?.cancel();
      const reader = (await store.restore("k"))?.getReader();
      await reader?.read();
      await reader?.cancel();
      const controller = new AbortController();
      const aborted = await store.restore("k", controller.signal);
      controller.abort(new Error("stop"));
      assert.ok(aborted);
      await assert.rejects(bytesOf(aborted), /stop/);
    },
  },
];

for (const { name, params } of STORES) {
  for (const { does, test } of CONTRACT) {
    Deno.test(`a cache store, ${name}, ${does}`, async () => {
      await using folder = await makeFolder();
      await test(await openCacheStore(`local://./cache${params}`, { cwd: folder.path }));
      for await (const { name } of Deno.readDir(`${folder.path}/cache`)) {
        assert.ok(!name.endsWith(".new"), name);
        const { mode } = await Deno.stat(`${folder.path}/cache/${name}`);
        assert.equal((mode ?? 0) & 0o777, 0o600);
      }
      assert.equal(((await Deno.stat(`${folder.path}/cache`)).mode ?? 0) & 0o777, 0o700);
    });
  }
}

Deno.test("what one compression wrote is read whatever the address says now", async () => {
  await using folder = await makeFolder();
  for (const { params } of STORES) {
    const writer = await openCacheStore(`local://${folder.path}${params}`, { cwd: "/" });
    await writer.persist("k", streamOf(sample(5000)));
    for (const other of STORES) {
      const reader = await openCacheStore(`local://${folder.path}${other.params}`, { cwd: "/" });
      assert.deepEqual(await restored(reader, "k"), sample(5000));
    }
  }
});

Deno.test("an archive that was cut off in its folder is ARCHIVE_INVALID", async () => {
  await using folder = await makeFolder();
  for (const params of ["", "?compression=gzip"]) {
    const store = await openCacheStore(`local://./c${params}`, { cwd: folder.path });
    await store.persist("k", streamOf(sample(400_000)));
    for await (const { name } of Deno.readDir(`${folder.path}/c`)) {
      const path = `${folder.path}/c/${name}`;
      await Deno.truncate(path, Math.floor((await Deno.stat(path)).size / 2));
    }
    assert.equal((await failureOf(restored(store, "k"))).code, "ARCHIVE_INVALID");
  }
});

const REFUSED = [
  { text: "s3://bucket/prefix?secret=hunter2", says: /"s3:".*one kind of store: local/ },
  { text: "/var/cache", says: /scheme:\/\/path/ },
  { text: "local://", says: /needs a path/ },
  { text: "local:///x?compression=hunter2", says: /gzip, zstd, none/ },
  { text: "local:///x?compress=gzip", says: /"compress"/ },
];

Deno.test("an address of no store is CACHE_INVALID and says what there is", async () => {
  for (const { text, says } of REFUSED) {
    const { code, message, fix } = await failureOf(openCacheStore(text, { cwd: "/" }));
    assert.equal(code, "CACHE_INVALID");
    assert.match(message, says);
    assert.ok(!`${message}${fix}`.includes("hunter2"));
  }
});

async function restored(store: CacheStore, key: string): Promise<Uint8Array> {
  const tar = await store.restore(key);
  assert.ok(tar);
  return await bytesOf(tar);
}

/** Bytes that neither compress to nothing nor begin like something compressed. */
function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * at * 31 + at * 7 + length) % 251);
}
