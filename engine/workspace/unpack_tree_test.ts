import assert from "node:assert/strict";
import {
  archiveOf,
  bytesOf,
  concat,
  failureOf,
  listTree,
  makeFolder,
  runProgram,
  streamOf,
} from "./_test_folder.ts";
import { packTree, unpackTree } from "./mod.ts";
import type { TarEntry } from "./tar_entry.ts";

type Entries = readonly (Partial<TarEntry> & { readonly content?: string })[];

const REFUSED: readonly {
  readonly name: string;
  readonly entries: Entries;
  readonly type?: string;
  readonly says: RegExp;
}[] = [
  { name: "a name with ..", entries: [{ path: "../out/new" }], says: /"\.\.\/out\/new".*below/ },
  { name: "a name with .. inside", entries: [{ path: "a/../../out/new" }], says: /below/ },
  { name: "an absolute name", entries: [{ path: "/tmp/x" }], says: /relative/ },
  {
    name: "a file through a link that it made",
    entries: [{ path: "l", kind: "symlink", linkPath: "../out" }, { path: "l/new", content: "x" }],
    says: /"l" is a link/,
  },
  {
    name: "a file through a link above its folder",
    entries: [
      { path: "l", kind: "symlink", linkPath: "../out" },
      { path: "l/sub/deep/new", content: "x" },
    ],
    says: /"l" is a link/,
  },
  {
    name: "a folder in the place of a link that it made",
    entries: [
      { path: "l", kind: "symlink", linkPath: "../out" },
      { path: "l", kind: "directory" },
      { path: "l/new", content: "x" },
    ],
    says: /"l" is a link/,
  },
  {
    name: "a link through a link",
    entries: [
      { path: "l", kind: "symlink", linkPath: "../out" },
      { path: "l/new", kind: "symlink", linkPath: "x" },
    ],
    says: /"l" is a link/,
  },
  {
    name: "a hardlink to something outside",
    entries: [{ path: "h", kind: "hardlink", linkPath: "../out/secret" }],
    says: /below/,
  },
  {
    name: "a hardlink with an absolute name",
    entries: [{ path: "h", kind: "hardlink", linkPath: "/etc/passwd" }],
    says: /relative/,
  },
  {
    name: "a hardlink through a link",
    entries: [
      { path: "l", kind: "symlink", linkPath: "../out" },
      { path: "h", kind: "hardlink", linkPath: "l/secret" },
    ],
    says: /"l" is a link/,
  },
  {
    name: "a hardlink to a link",
    entries: [
      { path: "l", kind: "symlink", linkPath: "../out/secret" },
      { path: "h", kind: "hardlink", linkPath: "l" },
    ],
    says: /"l" is none/,
  },
  {
    name: "a hardlink to nothing",
    entries: [{ path: "h", kind: "hardlink", linkPath: "none" }],
    says: /"none" is none/,
  },
  { name: "a character device", entries: [{ path: "d" }], type: "3", says: /a device/ },
  { name: "a block device", entries: [{ path: "d" }], type: "4", says: /a device/ },
  { name: "a named pipe", entries: [{ path: "d" }], type: "6", says: /a named pipe/ },
  { name: "a sparse file", entries: [{ path: "d" }], type: "S", says: /type "S"/ },
  {
    name: "a file in the place of a folder",
    entries: [{ path: "d", kind: "directory" }, { path: "d", content: "x" }],
    says: /a folder is not replaced/,
  },
  {
    name: "a folder below a file",
    entries: [{ path: "f", content: "x" }, { path: "f/g", content: "x" }],
    says: /"f" is a file/,
  },
];

for (const { name, entries, type, says } of REFUSED) {
  Deno.test(`unpackTree() refuses ${name}, and touches nothing outside`, async () => {
    await using place = await makeFolder();
    await place.fill({ "in/": "", "out/secret": "mine" });
    const before = await listTree(`${place.path}/out`);
    const archive = archiveOf(entries, {
      ...(type === undefined ? {} : { patch: (header) => header.set([type.charCodeAt(0)], 156) }),
    });
    const { code, message } = await failureOf(unpackTree(`${place.path}/in`, streamOf(archive)));
    assert.equal(code, "ARCHIVE_INVALID");
    assert.match(message, says);
    assert.deepEqual(await listTree(`${place.path}/out`), before);
  });
}

Deno.test("a file in the place of a link replaces the link, not what it leads to", async () => {
  await using place = await makeFolder();
  await place.fill({ "in/": "", "out/secret": "mine" });
  const archive = archiveOf([
    { path: "l", kind: "symlink", linkPath: "../out/secret" },
    { path: "l", content: "new" },
    { path: "big", kind: "symlink", linkPath: "../out/secret" },
    { path: "big", content: "n".repeat(300_000) },
  ]);
  await unpackTree(`${place.path}/in`, streamOf(archive));
  assert.equal(await Deno.readTextFile(`${place.path}/out/secret`), "mine");
  assert.equal(await Deno.readTextFile(`${place.path}/in/l`), "new");
});

Deno.test("a link that was there before is not written through either", async () => {
  await using place = await makeFolder();
  await place.fill({ "in/l": "-> ../out", "out/secret": "mine" });
  const archive = archiveOf([{ path: "l/secret", content: "new" }]);
  assert.equal(
    (await failureOf(unpackTree(`${place.path}/in`, streamOf(archive)))).code,
    "ARCHIVE_INVALID",
  );
  assert.equal(await Deno.readTextFile(`${place.path}/out/secret`), "mine");
});

Deno.test("a file that replaces one with other names does not change those", async () => {
  await using place = await makeFolder();
  await place.fill({ "in/": "", "out/secret": "mine" });
  await Deno.link(`${place.path}/out/secret`, `${place.path}/in/shared`);
  await unpackTree(`${place.path}/in`, streamOf(archiveOf([{ path: "shared", content: "new" }])));
  assert.equal(await Deno.readTextFile(`${place.path}/out/secret`), "mine");
});

Deno.test("set-user-id, set-group-id and sticky bits are not kept", async () => {
  await using place = await makeFolder();
  await unpackTree(
    place.path,
    streamOf(archiveOf([
      { path: "small", mode: 0o6755, content: "x" },
      { path: "large", mode: 0o4755, content: "x".repeat(300_000) },
      { path: "folder", kind: "directory", mode: 0o7777 },
    ])),
  );
  const modes = (await listTree(place.path)).map((line) => line.split(" ")[1]);
  assert.deepEqual(modes, ["777", "755", "755"]);
});

Deno.test("a folder without the right to write is filled before it gets its mode", async () => {
  await using place = await makeFolder();
  await unpackTree(
    place.path,
    streamOf(archiveOf([
      { path: "d", kind: "directory", mode: 0o555 },
      { path: "d/f", content: "x", mode: 0o444 },
      { path: "d", kind: "directory", mode: 0o555 },
    ])),
  );
  assert.match((await listTree(place.path)).join(), /^d\/ 555 1700000000,d\/f 444 /);
});

Deno.test("an archive that is cut anywhere is an error", async () => {
  const archive = archiveOf([
    { path: "a", content: "x".repeat(700) },
    { path: "n".repeat(120), content: "y" },
    { path: "b", kind: "directory" },
  ]);
  for (let length = 0; length <= archive.length - 1024; length += 128) {
    await using place = await makeFolder();
    const cut = streamOf(archive.slice(0, length), 1000);
    assert.equal(
      (await failureOf(unpackTree(place.path, cut))).code,
      "ARCHIVE_INVALID",
      `${length}`,
    );
  }
});

Deno.test("a damaged header is an error, and so is something that is no archive", async () => {
  const archive = archiveOf([{ path: "a", content: "x" }, { path: "b", content: "y" }]);
  const damaged = archive.with(1024 + 3, 0x41);
  for (
    const bytes of [
      damaged,
      new TextEncoder().encode("not an archive".repeat(100)),
      new Uint8Array(0),
    ]
  ) {
    await using place = await makeFolder();
    assert.equal(
      (await failureOf(unpackTree(place.path, streamOf(bytes)))).code,
      "ARCHIVE_INVALID",
    );
  }
});

Deno.test("damaged attributes and absurd sizes are errors, in bounded memory", async () => {
  const attributes = [
    "",
    "x",
    "99 path=a\n",
    "10 path=ab",
    "7 path\n",
    "12 size=-100\n",
    "30 GNU.sparse.major=1\n",
  ];
  for (const content of attributes.slice(1)) {
    await using place = await makeFolder();
    const pax = archiveOf([{ content }], {
      end: false,
      patch: (header) => header.set([0x78], 156),
    });
    const archive = concat([pax, archiveOf([{ path: "a" }])]);
    assert.equal(
      (await failureOf(unpackTree(place.path, streamOf(archive)))).code,
      "ARCHIVE_INVALID",
      content,
    );
  }
  await using place = await makeFolder();
  const huge = archiveOf([{ sizeBytes: 2 ** 40 }], { patch: (header) => header.set([0x4c], 156) });
  assert.equal((await failureOf(unpackTree(place.path, streamOf(huge)))).code, "ARCHIVE_INVALID");
});

Deno.test("archives of GNU tar in each of its formats are unpacked alike", async (t) => {
  await using source = await makeFolder();
  await source.fill({
    "a.txt": "hello",
    "link": "-> a.txt",
    [`${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(90)}`]: "long",
    "ünï": "unicode",
    "empty/": "",
  });
  await Deno.link(`${source.path}/a.txt`, `${source.path}/hard`);
  for (const format of ["gnu", "pax", "posix", "oldgnu"]) {
    await t.step(format, async () => {
      const archive = await runProgram([
        "tar",
        `--format=${format}`,
        "-cf",
        "-",
        "-C",
        source.path,
        ".",
      ]);
      await using target = await makeFolder();
      await unpackTree(target.path, streamOf(archive, 3000));
      assert.deepEqual(await listTree(target.path), await listTree(source.path));
      const [a, b] = [
        await Deno.stat(`${target.path}/a.txt`),
        await Deno.stat(`${target.path}/hard`),
      ];
      assert.equal(a.ino, b.ino);
    });
  }
});

Deno.test("an abort stops with its reason and cancels the stream; a failure cancels it too", async () => {
  await using source = await makeFolder();
  await source.fill({ "a": "a".repeat(3_000_000) });
  const controller = new AbortController();
  const reason = new Error("stop");
  let cancelled: unknown;
  const endless = new ReadableStream<Uint8Array>({
    async start(stream) {
      for await (const chunk of packTree(source.path)) {
        stream.enqueue(chunk.slice(0, 100_000));
        break;
      }
      controller.abort(reason);
    },
    cancel: (why) => void (cancelled = why),
  });
  await using target = await makeFolder();
  await assert.rejects(unpackTree(target.path, endless, { signal: controller.signal }), reason);
  assert.equal(cancelled, reason);
  const bad = new ReadableStream<Uint8Array>({
    pull: (stream) => stream.enqueue(new Uint8Array(512).fill(65)),
    cancel: (why) => void (cancelled = why),
  });
  const error = await failureOf(unpackTree(target.path, bad));
  assert.equal(cancelled, error);
});

Deno.test("a size beyond 8 GiB is written and read", async () => {
  const sizeBytes = 9 * 2 ** 30;
  const archive = archiveOf([{ path: "big", sizeBytes }], { end: false });
  await using target = await makeFolder();
  const { message } = await failureOf(unpackTree(target.path, streamOf(archive)));
  assert.match(message, /"big".*ends within/);
  const listed = archiveOf([{ path: "big", sizeBytes }]);
  const shown = await new Deno.Command("sh", {
    args: ["-c", "tar -tvf - 2>/dev/null || true"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = shown.stdin.getWriter();
  await writer.write(listed);
  await writer.close();
  assert.match(new TextDecoder().decode((await shown.output()).stdout), / 9663676416 /);
});

Deno.test("a round trip of generated trees keeps every one", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    await using source = await makeFolder();
    await using target = await makeFolder();
    await source.fill(treeOf(seed));
    await unpackTree(target.path, streamOf(await bytesOf(packTree(source.path)), 777 * seed));
    assert.deepEqual(await listTree(target.path), await listTree(source.path), `seed ${seed}`);
  }
});

function treeOf(seed: number): { [name: string]: string } {
  let state = seed * 2654435761;
  const next = (below: number) =>
    ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) % below;
  const files: { [name: string]: string } = {};
  const folders = [""];
  for (let index = 0; index < 40; index++) {
    const name = `${folders[next(folders.length)]}${"näme-".repeat(1 + next(25))}${index}`;
    if (next(4) === 0) {
      files[`${name}/`] = "";
      folders.push(`${name}/`);
    } else files[name] = next(5) === 0 ? `-> ${"t/".repeat(next(90))}x` : "z".repeat(next(3000));
  }
  return files;
}
