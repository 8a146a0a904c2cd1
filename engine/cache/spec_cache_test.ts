import assert from "node:assert/strict";
import { parseWorkflow, type WorkflowSpec } from "../spec/mod.ts";
import { cacheDir } from "./cache_dir.ts";
import { SpecCache } from "./spec_cache.ts";

const TEXT = `name: kept
version: "1.0"
inputs: { topic: { type: string, default: deno } }
nodes:
  a: { path: ./a.ts, timeout: 1m30s, permissions: { net: [a.example] } }
  b: { image: alpine, run: echo, depends_on: [a] }
config: { any: [1, null, { x: y }] }
`;

Deno.test("a spec that was kept is the one that reading gives", async () => {
  await withCache(async (cache) => {
    const spec = await read(TEXT);
    assert.equal(await cache.get(TEXT), undefined);
    await cache.put(TEXT, spec);
    // JSON has no undefined: a key that is missing reads the same.
    assert.deepEqual(await cache.get(TEXT), JSON.parse(JSON.stringify(spec)));
  });
});

Deno.test("any change of the text is another spec", async () => {
  await withCache(async (cache) => {
    await cache.put(TEXT, await read(TEXT));
    assert.equal(await cache.get(`${TEXT} `), undefined);
  });
});

Deno.test("specs are for their user alone, and a damaged one is read anew", async () => {
  await withCache(async (cache, dir) => {
    await cache.put(TEXT, await read(TEXT));
    const [entry] = await Array.fromAsync(Deno.readDir(dir));
    assert.equal(((await Deno.stat(dir)).mode ?? 0) & 0o777, 0o700);
    assert.equal(((await Deno.stat(`${dir}/${entry?.name}`)).mode ?? 0) & 0o777, 0o600);
    await Deno.writeTextFile(`${dir}/${entry?.name}`, `{"name": "ke`);
    assert.equal(await cache.get(TEXT), undefined);
  });
});

Deno.test("the oldest specs go when there are more than 200", async () => {
  await withCache(async (cache, dir) => {
    const spec = await read(TEXT);
    for (let i = 0; i < 205; i++) await cache.put(`${TEXT}# ${i}\n`, spec);
    assert.equal((await Array.fromAsync(Deno.readDir(dir))).length, 200);
    assert.notEqual(await cache.get(`${TEXT}# 204\n`), undefined);
  });
});

Deno.test("a folder that cannot be used keeps nothing and fails nothing", async () => {
  const cache = new SpecCache("/dev/null");
  await cache.put(TEXT, await read(TEXT));
  assert.equal(await cache.get(TEXT), undefined);
});

Deno.test("the cache folder follows XDG_CACHE_HOME, then HOME, and may be nowhere", () => {
  const env = (values: Record<string, string>) => (name: string) => values[name];
  assert.equal(cacheDir(env({ XDG_CACHE_HOME: "/c", HOME: "/h" })), "/c/pipedreamer");
  assert.equal(cacheDir(env({ HOME: "/h" })), "/h/.cache/pipedreamer");
  assert.equal(cacheDir(env({})), undefined);
});

async function read(text: string): Promise<WorkflowSpec> {
  const { spec } = await parseWorkflow(text);
  assert.ok(spec !== undefined);
  return spec;
}

async function withCache(test: (cache: SpecCache, dir: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await test(new SpecCache(root), `${root}/specs`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
