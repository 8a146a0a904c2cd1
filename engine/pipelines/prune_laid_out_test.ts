import assert from "node:assert/strict";
import { layOut } from "./lay_out.ts";
import { pruneLaidOut } from "./prune_laid_out.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2030, 0, 1);

async function placed(
  ages: { readonly [path: string]: number },
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [path, days] of Object.entries(ages)) {
      await Deno.mkdir(`${dir}/pipelines/${path}/nodes`, { recursive: true });
      const at = new Date(NOW - days * DAY_MS);
      await Deno.utime(`${dir}/pipelines/${path}`, at, at);
    }
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function left(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(`${dir}/pipelines`)) {
    for await (const { name: folder } of Deno.readDir(`${dir}/pipelines/${name}`)) {
      found.push(`${name}/${folder}`);
    }
  }
  return found.sort();
}

Deno.test("folders that nobody has used for a month are removed, and drafts that were never finished", async () => {
  await placed({
    "a/used": 29,
    "a/unused": 31,
    "a/.draft": 2,
    "a/.being-written": 0,
    "gone/x": 40,
    ".local/x": 40,
  }, async (dir) => {
    await pruneLaidOut(dir, NOW);
    assert.deepEqual(await left(dir), [".local/x", "a/.being-written", "a/used"]);
    assert.equal(await Deno.stat(`${dir}/pipelines/gone`).catch(() => undefined), undefined);
  });
});

Deno.test("of a name with a great many folders, those go that nothing can be running in", async () => {
  const ages = Object.fromEntries(
    Array.from({ length: 60 }, (_, n) => [`a/${String(n).padStart(2, "0")}`, n < 55 ? 1 : 9]),
  );
  await placed(ages, async (dir) => {
    await pruneLaidOut(dir, NOW);
    assert.equal((await left(dir)).length, 55);
  });
});

Deno.test("layOut() keeps what is used, and removes the rest when it lays out something new", async () => {
  await placed({ "old/x": 31 }, async (dir) => {
    const pipeline = { name: "a", version: 1, kind: "pipeline", driver: undefined } as const;
    const path = await layOut({ ...pipeline, files: { "pipeline.js": "1" } }, dir);
    const past = new Date(NOW - 400_000 * DAY_MS / 1000);
    await Deno.utime(path, past, past);
    await Deno.utime(`${dir}/pipelines/old/x`, new Date(0), new Date(0));
    assert.equal(await layOut({ ...pipeline, files: { "pipeline.js": "1" } }, dir), path);
    assert.ok((await Deno.stat(path)).mtime?.getTime() !== past.getTime());
    await layOut({ ...pipeline, files: { "pipeline.js": "2" } }, dir);
    assert.equal((await left(dir)).filter((each) => each.startsWith("old/")).length, 0);
    assert.equal((await left(dir)).length, 2);
  });
});
