import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { create, START, testOwner } from "../_conformance_fixture.ts";
import { readAddress } from "./address.ts";
import { open } from "./open.ts";

const CLOCK = new FakeClock(START);

Deno.test("readAddress() takes absolute and relative paths and its options", () => {
  const cases: readonly [string, string, "normal" | "full", boolean?][] = [
    ["sqlite:///var/lib/runs.db", "/var/lib/runs.db", "normal"],
    ["sqlite://./runs.db", "/srv/runs.db", "normal"],
    ["sqlite://../runs.db?synchronous=full", "/srv/../runs.db", "full"],
    ["sqlite:///a%20b/%3F.db?synchronous=normal", "/a b/?.db", "normal"],
    ["sqlite:///a.db?recover=yes&synchronous=full", "/a.db", "full", true],
  ];
  for (const [url, path, synchronous, recover = false] of cases) {
    assert.deepEqual(readAddress(url, () => "/srv"), { path, synchronous, recover });
  }
});

Deno.test("readAddress() refuses what names no file", () => {
  const urls = [
    "sqlite:",
    "sqlite://",
    "sqlite:runs.db",
    "sqlite://runs.db",
    "sqlite://:memory:",
    "sqlite:///",
    "sqlite:///folder/",
    "sqlite:///%zz",
    "sqlite:///a%00b",
    "sqlite:///a.db?synchronous=off",
    "sqlite:///a.db?cache=1",
    "sqlite:///a.db?recover",
  ];
  for (const url of urls) {
    assert.throws(() => readAddress(url, () => "/srv"), { code: "STORAGE_INVALID" }, url);
  }
});

Deno.test("open() makes a folder and files that nobody else can read", async () => {
  await withDir(async (dir) => {
    const path = `${dir}/new/deeper/runs.db`;
    await using storage = await open(`sqlite://${path}`, { clock: CLOCK });
    await create(storage, testOwner("a"));
    assert.equal(await modeOf(`${dir}/new`), 0o700);
    assert.equal(await modeOf(`${dir}/new/deeper`), 0o700);
    for (const suffix of ["", "-wal", "-shm"]) assert.equal(await modeOf(path + suffix), 0o600);
  });
});

Deno.test("open() takes the rights of others from files that it finds", async () => {
  await withDir(async (dir) => {
    const path = `${dir}/runs.db`;
    await (await open(`sqlite://${path}`, { clock: CLOCK }))[Symbol.asyncDispose]();
    await Deno.chmod(path, 0o644);
    await using storage = await open(`sqlite://${path}`, { clock: CLOCK });
    await create(storage, testOwner("a"));
    for (const suffix of ["", "-wal", "-shm"]) assert.equal(await modeOf(path + suffix), 0o600);
  });
});

Deno.test("open() says what is in its way", async () => {
  await withDir(async (dir) => {
    await Deno.mkdir(`${dir}/folder`);
    await Deno.writeTextFile(`${dir}/file`, "");
    await assert.rejects(open(`sqlite://${dir}/folder`, { clock: CLOCK }), {
      code: "STORAGE_INVALID",
    });
    await assert.rejects(open(`sqlite://${dir}/file/runs.db`, { clock: CLOCK }), {
      code: "STORAGE_UNAVAILABLE",
    });
  });
});

Deno.test("open() keeps a file in the working directory that it is told", async () => {
  await withDir(async (dir) => {
    await using _ = await open("sqlite://./runs.db", { clock: CLOCK, cwd: dir });
    assert.ok((await Deno.stat(`${dir}/runs.db`)).isFile);
  });
});

async function withDir(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}
