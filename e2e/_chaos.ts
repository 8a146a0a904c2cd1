import assert from "node:assert/strict";
import { systemClock } from "../engine/clock/mod.ts";
import { seededRandom } from "../engine/compiler/mod.ts";
import type { RunEvent } from "../engine/executor/mod.ts";
import { openStorage, type Storage } from "../engine/storage/mod.ts";
import { ChaosEngine } from "./_chaos_engine.ts";
import { ChaosWorkflow } from "./_chaos_workflow.ts";

/** What is put to the test. */
export interface ChaosOptions {
  readonly storageUrl: string;
  readonly kills: number;
  /** The same seed does the same things, though never at quite the same moments. */
  readonly seed: number;
  onProgress?(text: string): void;
}

/** What came of it. It throws when anything is not as it should be. */
export interface ChaosReport {
  readonly runs: number;
  readonly resumed: number;
  /** Attempts lost with the engine. */
  readonly lost: number;
  readonly retried: number;
}

/** How long the last engine may take to bring everything to its end. */
const PATIENCE_MS = 60_000;

/**
 * Kills the engine again and again while it takes and does runs of a diamond whose nodes leave traces,
 * and checks at the end that each accepted run ended once, that nothing ran again which had succeeded, and
 * that attempts add up.
 */
export async function killAgainAndAgain(options: ChaosOptions): Promise<ChaosReport> {
  const random = seededRandom(options.seed);
  await using workflow = await ChaosWorkflow.make();
  const clients = new Clients(random);
  for (let kill = 0; kill < options.kills; kill++) {
    const engine = ChaosEngine.start(workflow.dir, options.storageUrl);
    if (random() < 0.1) {
      // Before it is even up.
      await pause(random() * 300);
    } else {
      const url = await engine.url;
      const sending = clients.send(url, 1 + Math.floor(random() * 4));
      await pause(random() * 450);
      await engine.kill();
      await sending;
    }
    await engine.kill();
    if (kill % 25 === 24) options.onProgress?.(`${kill + 1} kills, ${clients.accepted.size} runs`);
  }
  await using storage = await openStorage(options.storageUrl, { clock: systemClock });
  const last = ChaosEngine.start(workflow.dir, options.storageUrl);
  try {
    await clients.send(await last.url, 0);
    await untilOver(storage);
  } finally {
    await last.stop();
  }
  return await check(storage, { workflow, clients });
}

/** Stops one of two engines for longer than its lease, while it has runs, and lets it go on. */
export async function stopForLongerThanTheLease(
  options: ChaosOptions & { readonly leaseMs: number },
): Promise<ChaosReport> {
  const random = seededRandom(options.seed);
  await using workflow = await ChaosWorkflow.make();
  const clients = new Clients(random);
  const a = ChaosEngine.start(workflow.dir, options.storageUrl);
  const b = ChaosEngine.start(workflow.dir, options.storageUrl);
  try {
    const engines = [a, b];
    for (const engine of engines) await engine.url;
    for (let round = 0; round < options.kills; round++) {
      const stopped = engines[round % 2] as ChaosEngine;
      const sending = clients.send(await stopped.url, 4);
      await pause(random() * 60);
      stopped.signal("SIGSTOP");
      await pause(options.leaseMs * (1.5 + random()));
      stopped.signal("SIGCONT");
      await sending;
      await pause(random() * 100);
    }
    await using storage = await openStorage(options.storageUrl, { clock: systemClock });
    await untilOver(storage);
    return await check(storage, { workflow, clients });
  } finally {
    await a.stop();
    await b.stop();
  }
}

/** Those who start runs. Some send a key, and ask with it again and again until somebody answers. */
class Clients {
  readonly #random: () => number;
  readonly #unanswered = new Map<string, number>();
  /** Run ids that were promised, and the number that each was started with. */
  readonly accepted = new Map<string, number>();
  readonly keys = new Map<string, string>();
  #count = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Starts so many runs, one after another, and repeats what went unanswered before. */
  async send(url: string, count: number): Promise<void> {
    const again = [...this.#unanswered].map(([key, n]) => this.#post(url, n, key));
    for (let i = 0; i < count; i++) {
      const n = ++this.#count;
      const key = this.#random() < 0.5 ? `key-${n}` : undefined;
      if (key !== undefined) this.#unanswered.set(key, n);
      await this.#post(url, n, key);
      await pause(this.#random() * 40);
    }
    await Promise.all(again);
  }

  async #post(url: string, n: number, key: string | undefined): Promise<void> {
    try {
      const response = await fetch(`${url}/run?wait=false`, {
        method: "POST",
        body: JSON.stringify({ n }),
        ...key === undefined ? {} : { headers: { "idempotency-key": key } },
      });
      const { runId } = await response.json();
      if (response.status !== 202) return;
      this.accepted.set(runId, n);
      if (key === undefined) return;
      assert.ok(!this.keys.has(key) || this.keys.get(key) === runId, `${key} is two runs`);
      this.keys.set(key, runId);
      this.#unanswered.delete(key);
    } catch {
      // The engine is gone, and with it the answer.
    }
  }
}

async function untilOver(storage: Storage): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const left = await storage.listRuns({
      status: ["queued", "running", "interrupted"],
      limit: 10,
    });
    if (left.length === 0) return;
    assert.ok(Date.now() < giveUpAt, `never over: ${JSON.stringify(left[0])}`);
    await pause(50);
  }
}

async function check(
  storage: Storage,
  { workflow, clients }: { readonly workflow: ChaosWorkflow; readonly clients: Clients },
): Promise<ChaosReport> {
  const traces = await workflow.traces();
  const report = { runs: 0, resumed: 0, lost: 0, retried: 0 };
  const found = new Set<string>();
  let before: string | undefined;
  for (;;) {
    const page = await storage.listRuns({
      limit: 500,
      ...before === undefined ? {} : { before },
    });
    for (const { runId, status } of page) {
      const events = await storage.readEvents(runId, 0);
      assert.equal(status, "succeeded", `${runId}: ${JSON.stringify(events.at(-1))}`);
      checkRun(runId, events, traces.get(runId) ?? []);
      found.add(runId);
      report.runs++;
      for (const event of events) {
        if (event.kind === "run.resumed") report.resumed++;
        if (event.kind === "node.lost") report.lost++;
        if (event.kind === "node.retrying") report.retried++;
      }
    }
    before = page.at(-1)?.runId;
    if (before === undefined) break;
  }
  for (const runId of clients.accepted.keys()) assert.ok(found.has(runId), `${runId} is nowhere`);
  return report;
}

/** Events of one run, and the traces that its nodes left. */
function checkRun(
  runId: string,
  events: readonly RunEvent[],
  traces: readonly { readonly node: string; readonly attempt: number; readonly what: string }[],
): void {
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, i) => i + 1), `${runId}: gaps`);
  const ends = events.filter(({ kind }) => /^run\.(succeeded|failed|cancelled)$/.test(kind));
  assert.deepEqual(ends, [events.at(-1)], `${runId}: one end, and nothing after it`);
  const input = events.flatMap((event) => event.kind === "run.started" ? [event.input] : []);
  assert.equal(input.length, 1, `${runId}: one start`);
  const { n } = input[0] as { n: number };
  for (const [node, output] of Object.entries(ChaosWorkflow.outputs(n))) {
    const what = `${runId} ${node}`;
    const own = events.filter((event) => "node" in event && event.node === node);
    const starts = own.flatMap((event) => event.kind === "node.started" ? [event.attempt] : []);
    assert.deepEqual(starts, starts.map((_, i) => i + 1), `${what}: attempts count up`);
    const misses = own.filter(({ kind }) => kind === "node.lost" || kind === "node.retrying");
    assert.equal(misses.length + 1, starts.length, `${what}: attempts add up`);
    const last = own.at(-1);
    assert.ok(last?.kind === "node.succeeded", `${what}: ends with its success`);
    assert.deepEqual([last.attempt, last.output], [starts.length, output], what);
    const left = traces.filter((trace) => trace.node === node);
    const begun = left.filter((trace) => trace.what === "begin").map(({ attempt }) => attempt);
    assert.equal(new Set(begun).size, begun.length, `${what}: an attempt began twice`);
    assert.ok(begun.every((attempt) => attempt <= starts.length), `${what}: ran after its success`);
    assert.ok(
      left.some((trace) => trace.attempt === last.attempt && trace.what === "end"),
      `${what}: its success left no trace`,
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
