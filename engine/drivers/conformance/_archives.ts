import assert from "node:assert/strict";
import { packTree, unpackTree } from "../../workspace/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { tarOf, tarOfBig, tarOfMany } from "./_tar.ts";
import { rejectsWith } from "./trial.ts";

/** How much the memory of the test may grow while a large file goes through it. */
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;

/** Archives that leave their folder, or have no end. */
const REFUSED = {
  "a name with ..": [{ name: "../outside.txt", content: "x" }],
  "a name with .. further in": [{ name: "a/../../outside.txt", content: "x" }],
  "an absolute name": [{ name: "/tmp/outside.txt", content: "x" }],
  "a name behind a symlink": [
    { name: "way", type: "symlink", link: "/tmp" },
    { name: "way/outside.txt", content: "x" },
  ],
} as const;

/** Trees that go in and out of volumes. */
export const ARCHIVE_CASES: readonly ConformanceCase[] = [
  {
    does: "copies a tree in and out with symlinks, modes and names as they were",
    async run(t) {
      const from = await Deno.makeTempDir();
      const to = await Deno.makeTempDir();
      try {
        await Deno.mkdir(`${from}/empty folder`);
        await Deno.mkdir(`${from}/a/${"deep/".repeat(30)}`, { recursive: true });
        await Deno.writeTextFile(`${from}/a/${"deep/".repeat(30)}file.txt`, "deep");
        await Deno.writeTextFile(`${from}/run.sh`, "#!/bin/sh\necho ran\n", { mode: 0o755 });
        await Deno.writeTextFile(`${from}/private`, "mine", { mode: 0o600 });
        await Deno.writeTextFile(`${from}/ümläut 日本.txt`, "ü");
        await Deno.writeFile(`${from}/empty`, new Uint8Array());
        await Deno.writeFile(`${from}/bytes`, crypto.getRandomValues(new Uint8Array(60_000)));
        await Deno.symlink("run.sh", `${from}/link`);
        await Deno.symlink("nowhere/at/all", `${from}/a/dangling`);
        await Deno.symlink("../../beside/the/folder", `${from}/a/up`);
        await Deno.symlink("/an/absolute/target", `${from}/absolute`);
        await t.driver.copyIn(await t.volume(), packTree(from));
        assert.equal(await t.shText("./run.sh; ./link; cat private"), "ran\nran\nmine");
        await unpackTree(to, await t.driver.copyOut(await t.volume()));
        assert.deepEqual(await treeOf(to), await treeOf(from));
      } finally {
        await Deno.remove(from, { recursive: true });
        await Deno.remove(to, { recursive: true });
      }
    },
  },
  {
    does: "copies out what a step has made",
    async run(t) {
      await t.sh("mkdir -p out; echo made > out/file; chmod 750 out/file; ln -s file out/link");
      const to = await Deno.makeTempDir();
      try {
        await unpackTree(to, await t.driver.copyOut(await t.volume()));
        assert.deepEqual(await treeOf(`${to}/out`), ["file 750 made\n", "link -> file"]);
      } finally {
        await Deno.remove(to, { recursive: true });
      }
    },
  },
  {
    does: "copies several trees into one volume",
    async run(t) {
      const volume = await t.volume();
      await t.driver.copyIn(
        volume,
        tarOf([{ name: "one", content: "1" }, { name: "both", content: "a" }]),
      );
      await t.driver.copyIn(
        volume,
        tarOf([{ name: "two", content: "2" }, { name: "both", content: "b" }]),
      );
      assert.equal(await t.shText("cat one two both"), "12b");
    },
  },
  {
    does: "streams a large file in and out in bounded memory",
    async run(t) {
      const { bigBytes } = t.fixture;
      const volume = await t.volume();
      const peak = new PeakMemory();
      await t.driver.copyIn(volume, peak.watch(tarOfBig("big", bigBytes)));
      assert.equal(Number(await t.shText("wc -c < big")), bigBytes);
      let outBytes = 0;
      for await (const piece of peak.watch(await t.driver.copyOut(volume))) {
        outBytes += piece.length;
      }
      assert.ok(outBytes >= bigBytes && outBytes < bigBytes + 100_000, `${outBytes} bytes`);
      assert.ok(peak.growthBytes < MAX_GROWTH_BYTES, `memory grew by ${peak.growthBytes} bytes`);
    },
  },
  {
    does: "copies a great many files in and out",
    async run(t) {
      const { manyFiles } = t.fixture;
      const volume = await t.volume();
      await t.driver.copyIn(volume, tarOfMany(manyFiles));
      assert.equal(Number(await t.shText("find many -type f | wc -l")), manyFiles);
      assert.equal(await t.shText(`cat many/0/7.txt`), "file 7");
      let files = 0;
      for await (const _ of fileHeaders(await t.driver.copyOut(volume))) files++;
      assert.equal(files, manyFiles);
    },
  },
  ...Object.entries(REFUSED).map(([what, entries]): ConformanceCase => ({
    does: `refuses an archive with ${what}`,
    async run(t) {
      await rejectsWith("ARCHIVE_INVALID", t.driver.copyIn(await t.volume(), tarOf(entries)));
      await assert.rejects(Deno.lstat("/tmp/outside.txt"), Deno.errors.NotFound);
    },
  })),
  {
    does: "refuses an archive that is cut off",
    async run(t) {
      const whole = await new Response(tarOf([{ name: "file", content: "x".repeat(2000) }]))
        .bytes();
      const cut = ReadableStream.from([whole.slice(0, 1024)]);
      await rejectsWith("ARCHIVE_INVALID", t.driver.copyIn(await t.volume(), cut));
    },
  },
  {
    does: "stops copying when the signal aborts",
    async run(t) {
      const abort = new AbortController();
      const reason = new Error("enough");
      let pieces = 0;
      const endless = tarOfBig("big", 2 ** 33).pipeThrough(
        new TransformStream({
          transform(piece, controller) {
            if (++pieces === 20) abort.abort(reason);
            controller.enqueue(piece);
          },
        }),
      );
      const copied = t.driver.copyIn(await t.volume(), endless, abort.signal);
      await assert.rejects(copied, (error) => error === reason);
    },
  },
];

/** One line for each entry: name, mode, content or target. */
async function treeOf(dir: string, prefix = ""): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    const path = `${dir}/${name}`;
    const info = await Deno.lstat(path);
    const mode = ((info.mode ?? 0) & 0o777).toString(8);
    if (info.isSymlink) lines.push(`${prefix}${name} -> ${await Deno.readLink(path)}`);
    else if (info.isFile) {
      lines.push(`${prefix}${name} ${mode} ${await Deno.readTextFile(path)}`);
    } else lines.push(`${prefix}${name}/ ${mode}`, ...await treeOf(path, `${prefix}${name}/`));
  }
  return lines.sort();
}

class PeakMemory {
  readonly #startBytes = Deno.memoryUsage().rss;
  #peakBytes = 0;
  #pieces = 0;

  get growthBytes(): number {
    return this.#peakBytes - this.#startBytes;
  }

  watch(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    return stream.pipeThrough(
      new TransformStream({
        transform: (piece, controller) => {
          if (this.#pieces++ % 64 === 0) {
            this.#peakBytes = Math.max(this.#peakBytes, Deno.memoryUsage().rss);
          }
          controller.enqueue(piece);
        },
      }),
    );
  }
}

/** The headers of regular files in an archive of small ones. */
async function* fileHeaders(tar: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = new Uint8Array();
  let skip = 0;
  for await (const piece of tar) {
    const bytes = new Uint8Array(rest.length + piece.length);
    bytes.set(rest);
    bytes.set(piece, rest.length);
    let at = 0;
    for (; at + 512 <= bytes.length; at += 512) {
      if (skip > 0) {
        skip--;
        continue;
      }
      const block = bytes.subarray(at, at + 512);
      const sizeBytes = parseInt(new TextDecoder().decode(block.subarray(124, 135)), 8) || 0;
      skip = Math.ceil(sizeBytes / 512);
      if (block[156] === 48 || (block[156] === 0 && block[0] !== 0)) yield block;
    }
    rest = bytes.slice(at);
  }
}
