import assert from "node:assert/strict";
import { checkArchive } from "../check_archive.ts";
import { renameRoot } from "./rename_root.ts";
import { tarOf } from "./tar_of.ts";

async function* inSteps(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) {
    yield await Promise.resolve(bytes.slice(at, at + step));
  }
}

async function whole(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return await new Response(ReadableStream.from(parts)).bytes();
}

const content = new TextEncoder().encode("v/x\n".repeat(300));
const entries = (root: string) => [
  { path: `${root}/a`, mode: 0o600, content },
  { path: `${root}/v/`, mode: 0o755 },
  { path: `${root}/v/v`, mode: 0o755, content: new Uint8Array(0) },
];

Deno.test("renameRoot() changes names alone, wherever a chunk ends", async () => {
  const before = tarOf([{ path: "v/", mode: 0o777 }, ...entries("v")]);
  const after = tarOf(entries("."));
  for (const step of [1, 511, 512, 513, 100_000]) {
    assert.deepEqual(await whole(renameRoot(inSteps(before, step), "v")), after, `${step}`);
  }
});

Deno.test("checkArchive() hands an archive on as it is", async () => {
  const tar = tarOf(entries("."));
  for (const step of [1, 700, 100_000]) {
    assert.deepEqual(await whole(checkArchive(inSteps(tar, step))), tar);
  }
});

Deno.test("checkArchive() refuses what leaves, what is cut and what is broken", async () => {
  const tar = tarOf(entries("."));
  const broken = tar.slice();
  broken[3] = 1;
  const bad = [tarOf([{ path: "../x", mode: 0o755 }]), tar.slice(0, 2000), broken, content];
  for (const bytes of bad) {
    await assert.rejects(whole(checkArchive(inSteps(bytes, 600))), { code: "ARCHIVE_INVALID" });
  }
});
