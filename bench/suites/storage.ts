import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../engine/clock/mod.ts";
import {
  currentOwner,
  type Lease,
  openStorage,
  type RunFilter,
  type Storage,
} from "../../engine/storage/mod.ts";
import { measure, type Row, type Suite, summarize } from "../harness.ts";
import { newRun, nodeEvent, runId, START } from "./_storage_runs.ts";

/** What the SQLite storage costs, beside bare SQLite that does the same writes and reads. */
export const suite: Suite = { name: "storage", measure: measureStorage };

const ROUNDS = 5;
const ENGINE_RUNS = 64;
const EVENTS_PER_RUN = 30;
const MANY = 1_000_000;
const QUEUED = 10_000;
/** Workflows that the million runs are of. */
const WORKFLOWS = 200;

async function measureStorage(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const synchronous of ["normal", "full"]) {
    rows.push(...await inFolder((dir) => measureAppends(dir, synchronous)));
  }
  rows.push(...await inFolder(measureMany));
  rows.push(await inFolder(measureClaims));
  return rows;
}

async function measureAppends(dir: string, synchronous: string): Promise<Row[]> {
  const url = `sqlite://${dir}/runs.db?synchronous=${synchronous}`;
  await using storage = await openStorage(url, { clock: systemClock });
  const mode = `synchronous=${synchronous}`;
  let next = 0;
  const rates = { waiting: [] as number[], gathered: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS + 1; round++) {
    rates.waiting.push(
      await rate(async () => {
        const leases = await accept(storage, next, ENGINE_RUNS);
        next += ENGINE_RUNS;
        await Promise.all(leases.map(async (lease) => {
          for (let seq = 1; seq <= EVENTS_PER_RUN; seq++) {
            await storage.append({ lease, events: [nodeEvent(lease.runId, seq)] });
          }
        }));
      }),
    );
    rates.gathered.push(
      await rate(async () => {
        const leases = await accept(storage, next, ENGINE_RUNS);
        next += ENGINE_RUNS;
        const appended: Promise<void>[] = [];
        for (let seq = 1; seq <= EVENTS_PER_RUN; seq++) {
          for (const lease of leases) {
            appended.push(storage.append({ lease, events: [nodeEvent(lease.runId, seq)] }));
          }
        }
        await Promise.all(appended);
      }),
    );
    rates.bare.push(await rate(() => bareInserts(`${dir}/bare-${round}.db`, synchronous)));
  }
  // The first round of each warms it up.
  const [waiting, gathered, bare] = [rates.waiting, rates.gathered, rates.bare]
    .map((figures) => summarize(figures.slice(1)).median);
  const [lease] = await accept(storage, next, 1);
  let seq = 0;
  const one = await measure(async () => {
    if (lease === undefined) return;
    seq++;
    await storage.append({ lease, events: [nodeEvent(lease.runId, seq)] });
  }, { warmUps: 100, samples: 500 });
  const baseline = { what: "bare inserts in one transaction", figure: bare ?? NaN };
  const isDefault = synchronous === "normal";
  return [
    {
      what: `events appended, all at once, ${mode}`,
      figure: gathered ?? NaN,
      unit: "events/s",
      baseline,
      ...isDefault ? { target: { atLeast: 50_000 } } : {},
    },
    {
      what: `events appended, ${ENGINE_RUNS} runs that wait for each of theirs, ${mode}`,
      figure: waiting ?? NaN,
      unit: "events/s",
      baseline,
    },
    { what: `one append and its commit, ${mode}`, figure: one.median, p90: one.p90, unit: "ms" },
  ];
}

async function accept(storage: Storage, from: number, count: number): Promise<Lease[]> {
  return await Promise.all(Array.from({ length: count }, async (_, index) => {
    const created = await storage.createRun(newRun(from + index, "running"), currentOwner());
    if (created.status !== "created") throw new Error("The run is not new");
    return created.lease;
  }));
}

/** Events a second that `body` writes. */
async function rate(body: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await body();
  return ENGINE_RUNS * EVENTS_PER_RUN / (performance.now() - startedAt) * 1_000;
}

/** The same events in a table without any run around it: no order, no owner, no index but the key. */
function bareInserts(path: string, synchronous: string): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
    CREATE TABLE events (run INTEGER, seq INTEGER, body TEXT, PRIMARY KEY (run, seq))`);
  const insert = db.prepare("INSERT INTO events VALUES (?, ?, ?)");
  db.exec("BEGIN");
  for (let seq = 1; seq <= EVENTS_PER_RUN; seq++) {
    for (let run = 0; run < ENGINE_RUNS; run++) {
      insert.run(run, seq, JSON.stringify(nodeEvent(runId(run), seq)));
    }
  }
  db.exec("COMMIT");
  db.close();
}

const FILTERS: readonly [string, Omit<RunFilter, "limit">][] = [
  ["of any kind", {}],
  ["of one workflow", { workflow: "w7" }],
  ["of one folder, in two states", { workflowKey: "/flows/w7", status: ["failed", "queued"] }],
  ["in a state that few have", { status: ["interrupted"] }],
  ["of one workflow, in a state that none has", { workflow: "w7", status: ["running"] }],
  ["of a time long ago", { createdAfter: START + 20_000, createdBefore: START + 30_000 }],
  ["far back in the pages", { workflow: "w7", before: runId(200_007) }],
  [`of ${WORKFLOWS} workflows`, { workflowKeys: keys(0, WORKFLOWS) }],
  [`of ${WORKFLOWS} workflows, far back`, {
    workflowKeys: keys(0, WORKFLOWS),
    before: runId(200_007),
  }],
  [`of ${WORKFLOWS} workflows, in a state that few have`, {
    workflowKeys: keys(0, WORKFLOWS),
    status: ["interrupted"],
  }],
  ["of 150 workflows that have long not run", { workflowKeys: keys(50, WORKFLOWS) }],
];

function keys(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => `/flows/w${from + index}`);
}

async function measureMany(dir: string): Promise<Row[]> {
  const path = `${dir}/runs.db`;
  const url = `sqlite://${path}`;
  await (await openStorage(url, { clock: systemClock }))[Symbol.asyncDispose]();
  const bare = fillMany(path);
  const opened = await measure(async () => {
    await (await openStorage(url, { clock: systemClock }))[Symbol.asyncDispose]();
  });
  await using storage = await openStorage(url, { clock: systemClock });
  const rows: Row[] = [];
  for (const [what, filter] of FILTERS) {
    const { median, p90 } = await measure(() => storage.listRuns({ ...filter, limit: 50 }), {
      samples: 25,
    });
    rows.push({
      what: `50 of ${MANY / 1e6} million runs ${what}`,
      figure: median,
      p90,
      unit: "ms",
      baseline: { what: "bare: the last 50 rows by key", figure: bare },
      target: { atMost: 20 },
    });
  }
  return [...rows, {
    what: `open a file of ${MANY / 1e6} million runs`,
    figure: opened.median,
    p90: opened.p90,
    unit: "ms",
  }];
}

/** Writes a million runs past the engine, and measures what the simplest list of them costs. */
function fillMany(path: string): number {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN;
    INSERT INTO specs (id, hash, spec) VALUES (1, 'h', '{}')`);
  const run = db.prepare(
    `INSERT INTO runs (id, run_id, workflow, version, workflow_key, spec, status,
    created_at, started_at, completed_at, token, last_seq)
    VALUES (?, ?, ?, '1.0', ?, 1, ?, ?, ?, ?, 1, 8)`,
  );
  const values = db.prepare("INSERT INTO run_values VALUES (?, '{\"type\":\"http\"}', '{}')");
  for (let number = 0; number < MANY; number++) {
    const name = nameOf(number);
    const at = START + Math.floor(number / 10);
    const status = number % 100_000 === 7
      ? "interrupted"
      : number % 1_000 === 7
      ? "failed"
      : "succeeded";
    run.run(number + 1, runId(number), name, `/flows/${name}`, status, at, at, at + 9);
    values.run(number + 1);
  }
  db.exec("COMMIT");
  const last = db.prepare("SELECT * FROM runs ORDER BY id DESC LIMIT 50");
  const times: number[] = [];
  for (let i = 0; i < 25; i++) {
    const startedAt = performance.now();
    last.all();
    times.push(performance.now() - startedAt);
  }
  db.close();
  return summarize(times).median;
}

/** Twenty workflows run all the time, and all of them until half of the time is over. */
function nameOf(number: number): string {
  return `w${number % (number < MANY / 2 ? WORKFLOWS : 20)}`;
}

/** Runs of an engine that died are taken up by the next, as at its start. */
async function measureClaims(dir: string): Promise<Row> {
  const times: number[] = [];
  let bare = 0;
  for (let round = 0; round < 3; round++) {
    const path = `${dir}/runs-${round}.db`;
    await using storage = await openStorage(`sqlite://${path}`, { clock: systemClock });
    const dead = { id: "dead", host: "here", pid: 4_194_305, startedAt: 1 };
    await Promise.all(
      Array.from(
        { length: QUEUED },
        (_, number) => storage.createRun(newRun(number, "queued"), dead),
      ),
    );
    const db = new DatabaseSync(path);
    const readAt = performance.now();
    db.prepare("SELECT * FROM runs JOIN run_values ON run = id").all();
    bare = performance.now() - readAt;
    db.close();
    const startedAt = performance.now();
    const claimed = await storage.claimRuns(currentOwner(), { limit: QUEUED });
    times.push(performance.now() - startedAt);
    if (claimed.length !== QUEUED) throw new Error(`${claimed.length} runs were claimed`);
  }
  const { median, p90 } = summarize(times);
  return {
    what: `${QUEUED} queued runs of a dead engine claimed`,
    figure: median,
    p90,
    unit: "ms",
    baseline: { what: "bare: reading the same rows", figure: bare },
    target: { atMost: 1_000 },
  };
}

async function inFolder<T>(body: (dir: string) => Promise<T>): Promise<T> {
  const dir = await Deno.makeTempDir();
  try {
    return await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
