import assert from "node:assert/strict";
import {
  bytesOf,
  failureOf,
  listTree,
  makeFolder,
  runProgram,
  streamOf,
  type TestFolder,
} from "./_test_folder.ts";
import { packTree, unpackTree } from "./mod.ts";
import { Pace } from "./pace.ts";
import { packEntries } from "./pack_tree.ts";

const LONG = "a-rather-long-name-of-a-folder-for-a-test";

async function fillWithEverything(folder: TestFolder): Promise<void> {
  await folder.fill({
    "a.txt": "hello",
    "empty": "",
    "bin/run.sh": "#!/bin/sh\n",
    "empty-folder/": "",
    "link": "-> a.txt",
    "dangling": "-> ../../nowhere",
    "absolute": "-> /etc/hostname",
    "ünïcödé/日本語 \u{1F600}.txt": "unicode",
    "with\nnewline and \\ \" '": "odd",
    "-rf": "a dash",
    [`${LONG}/${LONG}/${LONG}/${LONG}/file`]: "fits into a prefix",
    [`${LONG}/${LONG}/${LONG}/${LONG}/${LONG}/${LONG}/${LONG}/${"x".repeat(200)}`]: "does not",
    [`${"y".repeat(101)}`]: "no slash to cut at",
    ["to-long"]: `-> ${LONG}/${LONG}/${LONG}/${LONG}/${LONG}`,
    "exactly-a-block": "x".repeat(512),
    "large": "0123456789abcdef".repeat(40_000),
  });
  await Deno.chmod(`${folder.path}/bin/run.sh`, 0o755);
  await Deno.chmod(`${folder.path}/a.txt`, 0o600);
  await Deno.chmod(`${folder.path}/empty-folder`, 0o711);
  await Deno.link(`${folder.path}/a.txt`, `${folder.path}/z-hardlink`);
  await Deno.utime(`${folder.path}/bin/run.sh`, 1_600_000_000, 1_600_000_000);
  await Deno.utime(`${folder.path}/bin`, 1_500_000_000, 1_500_000_000);
}

Deno.test("what is packed and unpacked is the same: names, content, modes, times, links", async () => {
  await using source = await makeFolder();
  await using target = await makeFolder();
  await fillWithEverything(source);
  await unpackTree(target.path, packTree(source.path));
  assert.deepEqual(await listTree(target.path), await listTree(source.path));
});

Deno.test("a folder that is slow to read gives the same archive", async () => {
  await using source = await makeFolder();
  await fillWithEverything(source);
  const pace = new Pace();
  const wait = new Int32Array(new SharedArrayBuffer(4));
  while (!pace.isSlow) pace.do(() => Atomics.wait(wait, 0, 0, 10));
  const archive = await bytesOf(packEntries(source.path, { enter: () => () => true, pace }));
  assert.deepEqual(archive, await bytesOf(packTree(source.path)));
});

Deno.test("the archive of packTree() is the same for the programs of the host", async (t) => {
  await using source = await makeFolder();
  await fillWithEverything(source);
  const archive = await bytesOf(packTree(source.path));
  for (const program of [["tar"], ["busybox", "tar"]] as const) {
    const exists = await new Deno.Command("which", { args: [program[0]], stdout: "null" }).output();
    await t.step({
      name: program.join(" "),
      // Not part of every machine that runs the unit tests.
      ignore: !exists.success,
      async fn() {
        await using target = await makeFolder();
        await runProgram([...program, "-xpf", "-", "-C", target.path], archive);
        // BusyBox does not keep the times of folders.
        const list = async (dir: string) =>
          (await listTree(dir)).map((line) => line.replace(/(\/ \d+) \d+$/, "$1"));
        assert.deepEqual(await list(target.path), await list(source.path));
      },
    });
  }
});

Deno.test("entries are sorted, relative and without a dot, and a folder comes before what is in it", async () => {
  await using source = await makeFolder();
  await source.fill({ "b/2": "", "b/1": "", "a": "", "c/": "", "b.txt": "" });
  const archive = await bytesOf(packTree(source.path));
  const names = new TextDecoder().decode(await runProgram(["tar", "-tf", "-"], archive));
  assert.deepEqual(names.trim().split("\n"), ["a", "b/", "b/1", "b/2", "b.txt", "c/"]);
  assert.equal(archive.length % 512, 0);
});

Deno.test("an empty folder is an empty archive", async () => {
  await using source = await makeFolder();
  assert.deepEqual(await bytesOf(packTree(source.path)), new Uint8Array(1024));
});

Deno.test("what the filter refuses is left out, a folder with all that is in it", async () => {
  await using source = await makeFolder();
  await source.fill({ "keep/a": "", "drop/a": "", "keep/drop": "", "link": "-> drop" });
  const seen: string[] = [];
  const filter = (path: string, isDirectory: boolean) => {
    seen.push(`${path}${isDirectory ? "/" : ""}`);
    return !path.endsWith("drop");
  };
  await using target = await makeFolder();
  await unpackTree(target.path, packTree(source.path, { filter }));
  assert.deepEqual((await listTree(target.path)).map((line) => line.split(" ")[0]), [
    "keep/",
    "keep/a",
    "link",
  ]);
  assert.deepEqual(seen.sort(), ["drop/", "keep/", "keep/a", "keep/drop", "link"]);
});

Deno.test("a named pipe is left out with a warning, and is not opened", async () => {
  await using source = await makeFolder();
  await source.fill({ "a": "1" });
  await runProgram(["mkfifo", `${source.path}/pipe`]);
  const warnings: string[] = [];
  await using target = await makeFolder();
  await unpackTree(
    target.path,
    packTree(source.path, { onWarning: (text) => warnings.push(text) }),
  );
  assert.deepEqual(await names(target.path), ["a"]);
  assert.match(warnings.join(), /"pipe"/);
});

Deno.test("a file that shrinks while it is packed is filled up, with a warning; one that grows is cut", async () => {
  await using source = await makeFolder();
  // Chunks have 256 KiB: the files are open when the first one has been read.
  await source.fill({ "a": "a".repeat(3_000_000), "b": "b" });
  for (const change of [(file: string) => Deno.truncate(file, 1_500_000), append]) {
    const warnings: string[] = [];
    const reader = packTree(source.path, { onWarning: (text) => warnings.push(text) }).getReader();
    const chunks = [(await reader.read()).value ?? new Uint8Array(0)];
    const { size } = await Deno.stat(`${source.path}/a`);
    await change(`${source.path}/a`);
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
    }
    await using target = await makeFolder();
    await unpackTree(target.path, ReadableStream.from(chunks));
    assert.equal((await Deno.stat(`${target.path}/a`)).size, size);
    assert.equal(await Deno.readTextFile(`${target.path}/b`), "b");
    assert.equal(warnings.length, change === append ? 0 : 1);
  }
});

Deno.test("what may not be read fails the stream with FILE_UNREADABLE", async () => {
  const { code, message } = await failureOf(bytesOf(packTree("/nonexistent/folder")));
  assert.equal(code, "FILE_UNREADABLE");
  assert.match(message, /nonexistent/);
});

Deno.test("an abort fails the stream with its reason, and a cancel ends it; nothing stays open", async () => {
  await using source = await makeFolder();
  await source.fill({ "a": "a".repeat(3_000_000), "b/c": "x" });
  const controller = new AbortController();
  const reader = packTree(source.path, { signal: controller.signal }).getReader();
  await reader.read();
  const reason = new Error("stop");
  controller.abort(reason);
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  }, reason);
  await assert.rejects(bytesOf(packTree(source.path, { signal: controller.signal })), reason);
  const other = packTree(source.path).getReader();
  await other.read();
  await other.cancel();
});

Deno.test("an archive arrives whole however its bytes are cut into chunks", async () => {
  await using source = await makeFolder();
  await source.fill({ "a": "a".repeat(1000), [`${LONG}/${"x".repeat(150)}`]: "b", "c": "-> a" });
  const archive = await bytesOf(packTree(source.path));
  for (const pieceBytes of [1, 7, 511, 512, 513, 4096]) {
    await using target = await makeFolder();
    await unpackTree(target.path, streamOf(archive, pieceBytes));
    assert.deepEqual(await listTree(target.path), await listTree(source.path));
  }
});

async function append(file: string): Promise<void> {
  await Deno.writeTextFile(file, "more", { append: true });
}

async function names(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).sort();
}
