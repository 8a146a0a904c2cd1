import assert from "node:assert/strict";
import { systemClock } from "../engine/clock/mod.ts";
import { currentOwner, openStorage, type Storage } from "../engine/storage/mod.ts";

const ENGINES = 4;

Deno.test("sqlite makes one run of each idempotency key that several processes use at once", async () => {
  await withStorage(async (storage, url) => {
    const answers = await Promise.all(times(ENGINES, () => output<string[]>(url, "keys", 50)));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(new Set(answers[0]).size, 50);
    assert.equal((await storage.listRuns({ limit: 1_000 })).length, 50);
  });
});

Deno.test("sqlite gives each run of ended processes to one of those that claim at once", async () => {
  await withStorage(async (storage, url) => {
    await Promise.all(times(ENGINES, () => output(url, "accept", 50)));
    const engines = times(ENGINES, () => start(url, "claim"));
    const claims = await Promise.all(engines.map(async ({ lines }) => (await lines.next()).value));
    const claimed = claims.flatMap((line) => JSON.parse(line ?? "[]") as string[]);
    for (const { child, lines } of engines) {
      await child.stdin.close();
      assert.equal((await child.status).code, 0);
      await lines.return(undefined);
    }
    const listed = (await storage.listRuns({ limit: 1_000 })).map(({ runId }) => runId);
    assert.equal(listed.length, ENGINES * 50);
    assert.deepEqual(claimed.toSorted(), listed.toSorted());
  });
});

Deno.test("sqlite keeps all that a killed process was told is stored, and its run is free at once", async () => {
  await withStorage(async (storage, url) => {
    const { child, lines } = start(url, "append");
    const heard = Promise.withResolvers<void>();
    const stop = storage.onChange(() => heard.resolve());
    let last = { runId: "", seq: 0 };
    for await (const line of lines) {
      last = JSON.parse(line);
      if (last.seq === 1) {
        // While it lives its run is its own.
        assert.deepEqual(await storage.claimRuns(currentOwner(), { limit: 10 }), []);
        await heard.promise;
        stop();
      }
      if (last.seq >= 200) break;
    }
    child.kill("SIGKILL");
    await child.status;
    await child.stdin.abort();
    const [claimed] = await storage.claimRuns(currentOwner(), { limit: 10 });
    assert.equal(claimed?.run.runId, last.runId);
    assert.equal(claimed?.lease.token, 2);
    const seqs = (await storage.readEvents(last.runId, 0)).map(({ seq }) => seq);
    assert.deepEqual(seqs, seqs.map((_, index) => index + 1));
    assert.ok(seqs.length >= last.seq);
    assert.equal(claimed?.run.lastSeq, seqs.length);
  });
});

async function withStorage(
  body: (storage: Storage, url: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const url = `sqlite://${dir}/runs.db`;
    await using storage = await openStorage(url, { clock: systemClock });
    await body(storage, url);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function start(
  url: string,
  task: string,
  count = 0,
): { readonly child: Deno.ChildProcess; readonly lines: AsyncGenerator<string> } {
  const entry = new URL("_storage_process.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", entry, url, task, String(count)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  return { child, lines: linesOf(child.stdout) };
}

async function output<T>(url: string, task: string, count = 0): Promise<T> {
  const { child, lines } = start(url, task, count);
  await child.stdin.close();
  const texts = await Array.fromAsync(lines);
  assert.equal((await child.status).code, 0);
  return JSON.parse(texts[0] ?? "");
}

async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
