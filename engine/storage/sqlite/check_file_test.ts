import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { create, events, finish, line, START, testOwner } from "../_conformance_fixture.ts";
import { StorageError } from "../storage_error.ts";
import { open } from "./open.ts";

const CLOCK = new FakeClock(START);
const PAGE = 4096;

/** What happens to the bytes of a good file. */
const DAMAGE: Readonly<
  Record<string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>>
> = {
  "that is no database": () => new TextEncoder().encode("name: digest\n".repeat(100)),
  "of a few bytes": (bytes) => bytes.slice(0, 40),
  "torn within a page": (bytes) => bytes.slice(0, bytes.length - 1_000),
  "torn between two pages": (bytes) => bytes.slice(0, 5 * PAGE),
  "with a flipped bit in its head": (bytes) => flip(bytes, 3),
  "with a flipped bit in the kind of a page": (bytes) => flip(bytes, 4 * PAGE),
  "with a flipped bit in the schema": (bytes) => flip(bytes, 100),
  "with a page of zeros": (bytes) => bytes.fill(0, 3 * PAGE, 4 * PAGE),
  "with a page of noise": (bytes) => {
    for (let at = 5 * PAGE; at < 6 * PAGE; at++) bytes[at] = (at * 31) & 0xff;
    return bytes;
  },
};

for (const [kind, damage] of Object.entries(DAMAGE)) {
  Deno.test(`open() reports a file ${kind}, with a way out, and leaves it alone`, async () => {
    await withRuns(async (path) => {
      const bytes = damage(await Deno.readFile(path));
      await Deno.writeFile(path, bytes);
      const error = await open(`sqlite://${path}`, { clock: CLOCK }).then(
        () => undefined,
        (e) => e,
      );
      assert.ok(error instanceof StorageError);
      assert.equal(error.code, "STORAGE_DAMAGED");
      assert.match(error.message, /^Cannot read ".*runs\.db" as a storage of runs: /);
      assert.match(error.fix ?? "", /^pd runs list --storage "sqlite:.*recover=yes"/);
      assert.deepEqual(await Deno.readFile(path), bytes);
    });
  });
}

Deno.test("open() reports damage in a large file where engines go on first, and all of it when told so", async () => {
  await withRuns(async (path) => {
    const bytes = await Deno.readFile(path);
    assert.ok(bytes.length > 8 * 1024 * 1024);
    // Somewhere in the middle, where nobody looks at the start.
    const middle = Math.floor(bytes.length / PAGE / 2) * PAGE;
    await Deno.writeFile(path, bytes.fill(0xff, middle, middle + 8 * PAGE));
    await using storage = await open(`sqlite://${path}`, { clock: CLOCK });
    await assert.rejects(readEverything(storage), { code: "STORAGE_DAMAGED" });
    await storage[Symbol.asyncDispose]();
    await assert.rejects(open(`sqlite://${path}`, { clock: CLOCK, check: "full" }), {
      code: "STORAGE_DAMAGED",
    });
    // The newest run, which is read first.
    await Deno.writeFile(path, bytes.fill(0xff, bytes.length - 300 * PAGE));
    await assert.rejects(open(`sqlite://${path}`, { clock: CLOCK }), { code: "STORAGE_DAMAGED" });
  }, { lines: 24_000 });
});

Deno.test("open() goes back to the last whole transaction when the write-ahead log is cut off", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using storage = await open(`sqlite://${dir}/runs.db`, { clock: CLOCK });
    const { run, lease } = await create(storage, testOwner("a"));
    for (let seq = 1; seq <= 40; seq++) {
      await storage.append({ lease, events: events(run.runId, seq, line("a", "x".repeat(500))) });
    }
    // What a crash leaves: the files as they are, while the engine still has them open.
    const log = await Deno.readFile(`${dir}/runs.db-wal`);
    const file = await Deno.readFile(`${dir}/runs.db`);
    let last = 40;
    for (const part of [1, 0.8, 0.5]) {
      const copy = `${dir}/copy-${part}.db`;
      await Deno.writeFile(copy, file);
      await Deno.writeFile(`${copy}-wal`, log.slice(0, Math.floor(log.length * part)));
      await using rest = await open(`sqlite://${copy}`, { clock: CLOCK });
      const stored = await rest.getRun(run.runId);
      const seqs = (await rest.readEvents(run.runId, 0)).map(({ seq }) => seq);
      assert.deepEqual(
        seqs,
        Array.from({ length: stored?.lastSeq ?? -1 }, (_, index) => index + 1),
      );
      assert.ok(seqs.length <= last);
      last = seqs.length;
    }
    assert.ok(last > 0 && last < 40);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

async function withRuns(
  body: (path: string) => Promise<void>,
  { lines = 200 }: { readonly lines?: number } = {},
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/runs.db`;
    const storage = await open(`sqlite://${path}`, { clock: CLOCK });
    for (let index = 0; index < 3; index++) {
      const { run, lease } = await create(storage, testOwner("a"), { createdAt: START + index });
      const bodies = Array.from(
        { length: lines / 3 },
        (_, at) => line("a", `${at} ${"x".repeat(400)}`),
      );
      await storage.append({ lease, events: events(run.runId, 1, ...bodies) });
      await finish(storage, lease, { seq: bodies.length + 1 });
    }
    await storage[Symbol.asyncDispose]();
    await body(path);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function readEverything(storage: Awaited<ReturnType<typeof open>>): Promise<void> {
  for (const { runId } of await storage.listRuns({ limit: 10 })) await storage.readEvents(runId, 0);
}

function flip(bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  return bytes;
}
