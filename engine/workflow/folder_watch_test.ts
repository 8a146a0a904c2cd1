import assert from "node:assert/strict";
import { systemClock } from "../clock/mod.ts";
import { type FolderChange, isNoise, watchFolder } from "./folder_watch.ts";

Deno.test("isNoise() leaves out what editors, tools and tests write", () => {
  const noise = [
    ".git/index",
    "node_modules/x/index.js",
    "testdata/http/hn/1.json",
    "tests/fixtures/a.json",
    "nodes/.#fetch.ts",
    "nodes/fetch.ts~",
    "nodes/.fetch.ts.swp",
    "nodes/4913",
    "nodes/fetch.ts.tmp",
    "deno.lock",
    ".DS_Store",
  ];
  for (const path of noise) assert.equal(isNoise(path), true, path);
  const signal = [
    "workflow.yaml",
    "nodes/fetch.ts",
    "deno.json",
    ".secrets/github.json",
    ".secrets.yaml",
    "prompts/long.md",
    "nodes/tests.ts",
  ];
  for (const path of signal) assert.equal(isNoise(path), false, path);
});

/** A watched temporary folder, whose changes are awaited one by one. */
async function inWatchedFolder(
  test: (dir: string, nextChange: () => Promise<FolderChange>) => Promise<void>,
  also: (dir: string) => string[] = () => [],
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const dir = `${root}/flow`;
  await Deno.mkdir(dir);
  await Deno.writeTextFile(`${root}/outside.yaml`, "a");
  const changes: FolderChange[] = [];
  let wake = (): void => {};
  try {
    await using _ = watchFolder({
      dir,
      also: also(root),
      clock: systemClock,
      isIgnored: (path) => path.endsWith(".out"),
      onChange(change) {
        changes.push(change);
        wake();
        return Promise.resolve();
      },
    });
    await test(dir, async () => {
      while (changes.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return changes.shift() ?? { changed: [] };
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("watchFolder() tells of several writes at once, and of none that is noise", () =>
  inWatchedFolder(async (dir, nextChange) => {
    await Deno.writeTextFile(`${dir}/x.swp`, "1");
    await Deno.writeTextFile(`${dir}/result.out`, "1");
    await Deno.writeTextFile(`${dir}/b.ts`, "1");
    await Deno.writeTextFile(`${dir}/a.ts`, "1");
    await Deno.writeTextFile(`${dir}/a.ts`, "2");
    assert.deepEqual(await nextChange(), { changed: ["a.ts", "b.ts"] });
  }));

Deno.test("watchFolder() sees files in new folders and files that replace others", () =>
  inWatchedFolder(async (dir, nextChange) => {
    await Deno.mkdir(`${dir}/nodes`);
    assert.deepEqual(await nextChange(), { changed: ["nodes"] });
    await Deno.writeTextFile(`${dir}/nodes/a.ts.tmp`, "1");
    await Deno.rename(`${dir}/nodes/a.ts.tmp`, `${dir}/nodes/a.ts`);
    assert.deepEqual(await nextChange(), { changed: ["nodes/a.ts"] });
  }));

Deno.test("watchFolder() sees a file of secrets elsewhere, also after it was replaced", () =>
  inWatchedFolder(async (dir, nextChange) => {
    const outside = dir.replace(/flow$/, "outside.yaml");
    for (const text of ["b", "c"]) {
      await Deno.writeTextFile(`${outside}.new`, text);
      await Deno.rename(`${outside}.new`, outside);
      assert.deepEqual(await nextChange(), { changed: [outside] });
    }
  }, (root) => [`${root}/outside.yaml`, `${root}/not-there`]));
