import assert from "node:assert/strict";
import { packFiles } from "./pack_files.ts";
import { unpackTree } from "./unpack_tree.ts";

function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
}

Deno.test("packFiles() gives the same bytes for the same files in any order", async () => {
  const entries: [string, Uint8Array][] = [
    ["b/c/d.txt", new Uint8Array(1000).fill(1)],
    ["a.txt", new Uint8Array()],
    ["b/a.txt", new Uint8Array([7])],
  ];
  const first = await bytesOf(packFiles(new Map(entries), { mtime: 5 }));
  const second = await bytesOf(packFiles(new Map(entries.toReversed()), { mtime: 5 }));
  assert.deepEqual(first, second);
  assert.equal(first.length % 512, 0);
});

Deno.test("packFiles() makes folders, modes and times that a tar reader finds", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const files = new Map([["b/c/d.txt", new TextEncoder().encode("hello")]]);
    await unpackTree(dir, packFiles(files, { mtime: 86_400 }));
    assert.equal(await Deno.readTextFile(`${dir}/b/c/d.txt`), "hello");
    const stat = await Deno.stat(`${dir}/b/c/d.txt`);
    assert.equal(stat.mtime?.getTime(), 86_400_000);
    assert.equal((stat.mode ?? 0) & 0o777, 0o644);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
