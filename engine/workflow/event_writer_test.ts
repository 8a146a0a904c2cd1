import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { createRedactor, createSecretReferences } from "../context/mod.ts";
import type { RunEvent, RunEventBody } from "../executor/mod.ts";
import { type Append, type Storage, StorageError } from "../storage/mod.ts";
import { EventWriter, type EventWriterOptions } from "./event_writer.ts";
import { MAX_LOG_BYTES, MAX_LOG_LINES } from "./log_budget.ts";
import { shownEvent } from "./two_views.ts";

const SKIPPED: RunEventBody = { kind: "node.skipped", node: "a" };
const SECRETS = { test: { key: "canary" } };
const VIEWS = {
  redactor: createRedactor(SECRETS),
  references: createSecretReferences(SECRETS),
};
const UNAVAILABLE = new StorageError("STORAGE_UNAVAILABLE", "the disk is full");

/** What a test sees of a writer. */
interface Written {
  readonly writer: EventWriter;
  readonly clock: FakeClock;
  readonly appends: Append[];
  readonly shown: RunEvent[];
  readonly failures: Error[];
}

/** A writer whose storage does as `answers` say, one by one, and works after that. */
function open(
  answers: readonly (Error | Promise<void> | "stored, but nobody hears it")[] = [],
  { isOurs = false, ...options }: Partial<EventWriterOptions> & { readonly isOurs?: boolean } = {},
): Written {
  const clock = new FakeClock(1000);
  const appends: Append[] = [];
  const shown: RunEvent[] = [];
  const failures: Error[] = [];
  const left = [...answers];
  let lastSeq = 0;
  const storage = {
    append(append: Append): Promise<void> {
      const answer = left.shift();
      if (answer instanceof Error) return Promise.reject(answer);
      appends.push(append);
      lastSeq = append.events.at(-1)?.seq ?? lastSeq;
      return answer instanceof Promise
        ? answer
        : answer === undefined
        ? Promise.resolve()
        : Promise.reject(UNAVAILABLE);
    },
    renewLeases: (_: unknown, ids: readonly string[]) => Promise.resolve(isOurs ? [] : ids),
    getRun: () => Promise.resolve({ lastSeq }),
  } as unknown as Storage;
  const writer = new EventWriter({
    ...VIEWS,
    storage,
    owner: { id: "me", host: "test", pid: 1, startedAt: 1 },
    lease: { runId: "run-1", ownerId: "me", token: 1 },
    clock,
    lastSeq: 0,
    patienceMs: 1_000,
    onStored: (events) => shown.push(...events),
    onFailed: (error) => failures.push(error),
    ...options,
  });
  return { writer, clock, appends, shown, failures };
}

function line(message: string, node = "a"): RunEventBody {
  return { kind: "log", node, attempt: 1, level: "info", message };
}

Deno.test("a writer numbers events, stamps run and time, and shows them once they are stored", async () => {
  const { writer, appends, shown } = open([], { lastSeq: 4 });
  const stored = writer.add(SKIPPED);
  writer.add(SKIPPED);
  assert.deepEqual(shown, []);
  await stored;
  const events = [5, 6].map((seq) => ({ runId: "run-1", seq, at: 1000, ...SKIPPED }));
  assert.deepEqual(shown, events);
  assert.deepEqual(appends.map((append) => append.events), [events]);
});

Deno.test("a writer keeps what comes while it writes for one next write", async () => {
  const stored = Promise.withResolvers<void>();
  const { writer, appends } = open([stored.promise]);
  const first = writer.add(SKIPPED);
  await new Promise<void>((resolve) => setImmediate(resolve));
  for (let i = 0; i < 5; i++) writer.add(SKIPPED);
  const last = writer.add({ kind: "run.succeeded", durationMs: 1 }, {
    status: "succeeded",
    completedAt: 9,
  });
  stored.resolve();
  await Promise.all([first, last]);
  assert.deepEqual(appends.map(({ events }) => events.length), [1, 6]);
  assert.deepEqual(appends[1]?.update, { status: "succeeded", completedAt: 9 });
});

Deno.test("a writer waits for a storage that is out of reach, and writes each event once", async () => {
  const { writer, clock, appends, failures } = open([UNAVAILABLE, UNAVAILABLE]);
  const stored = writer.add(SKIPPED);
  await clock.advance(149);
  assert.equal(appends.length, 0);
  writer.add(SKIPPED);
  await clock.advance(1);
  await stored;
  await writer.settle();
  assert.deepEqual(appends.flatMap(({ events }) => events.map(({ seq }) => seq)), [1, 2]);
  assert.deepEqual(failures, []);
});

Deno.test("a writer finds out that a write happened whose answer was lost", async () => {
  const { writer, clock, appends } = open(["stored, but nobody hears it"]);
  const stored = writer.add(SKIPPED);
  await clock.advance(50);
  await stored;
  assert.equal(appends.length, 1);
});

Deno.test("a writer gives up after its patience, tells it once, and takes nothing more", async () => {
  const { writer, clock, appends, failures } = open(Array.from({ length: 99 }, () => UNAVAILABLE));
  const stored = writer.add(SKIPPED);
  stored?.catch(() => {});
  await clock.advance(1_000);
  await assert.rejects(stored ?? Promise.resolve(), { code: "STORAGE_UNAVAILABLE" });
  await assert.rejects(writer.add(SKIPPED) ?? Promise.resolve(), { code: "STORAGE_UNAVAILABLE" });
  assert.deepEqual([appends.length, failures.length], [0, 1]);
  assert.equal(clock.pending, 0);
});

Deno.test("a writer that lost its lease writes nothing more", async () => {
  const lost = new StorageError("LEASE_LOST", "another engine has it");
  const { writer, appends, failures } = open([lost]);
  const stored = writer.add(SKIPPED);
  writer.add(line("later"));
  await assert.rejects(stored ?? Promise.resolve(), { code: "LEASE_LOST" });
  await writer.settle();
  assert.deepEqual([appends.length, failures.length], [0, 1]);
});

Deno.test("a writer whose lease ran out goes on when nobody took the run", async () => {
  const lost = new StorageError("LEASE_LOST", "it ran out");
  const { writer, appends, failures } = open([lost], { isOurs: true });
  await writer.add(SKIPPED);
  assert.deepEqual([appends.length, failures.length], [1, 0]);
});

Deno.test("a sealed writer does not wait for its storage", async () => {
  const { writer, clock, failures } = open([UNAVAILABLE]);
  writer.seal();
  const stored = writer.add(SKIPPED);
  await assert.rejects(stored ?? Promise.resolve(), { code: "STORAGE_UNAVAILABLE" });
  assert.deepEqual([failures.length, clock.pending], [1, 0]);
});

Deno.test("no event shows or stores a secret, and one from the storage looks as when it happened", async () => {
  const error = { code: "NODE_FAILED", message: "canary", fix: "canary", stack: "at canary" };
  const bodies: RunEventBody[] = [
    {
      kind: "run.started",
      workflow: "w",
      version: "1.0",
      input: { a: "canary", b: "Bearer canary", canary: [1] },
      trigger: ["canary"],
    },
    { kind: "node.retrying", node: "a", attempt: 1, delayMs: 1, error },
    { kind: "node.lost", node: "a", attempt: 1, error },
    {
      kind: "node.succeeded",
      node: "a",
      attempt: 1,
      durationMs: 1,
      output: { canary: ["canary"], twice: "canarycanary" },
    },
    { kind: "node.failed", node: "a", attempt: 1, durationMs: 1, error, allowed: false },
    {
      kind: "log",
      node: "a",
      attempt: 1,
      level: "info",
      message: "canary",
      fields: { a: "canary" },
    },
    { kind: "run.failed", durationMs: 1, error },
    { kind: "run.cancelled", durationMs: 1, error },
  ];
  const { writer, appends, shown } = open();
  for (const body of bodies) writer.add(body);
  await writer.settle();
  const stored = appends.flatMap(({ events }) => events);
  assert.equal(stored.length, bodies.length);
  for (const [index, event] of stored.entries()) {
    assert.ok(!JSON.stringify(event).includes("canary"), event.kind);
    assert.ok(!JSON.stringify(shown[index]).includes("canary"), event.kind);
    assert.ok(JSON.stringify(shown[index]).includes("***"), event.kind);
    assert.deepEqual(shownEvent(event, VIEWS), shown[index]);
  }
});

Deno.test("a writer keeps a bounded number of log lines and says how many it dropped", async () => {
  const { writer, shown } = open();
  for (let i = 0; i < MAX_LOG_LINES + 3; i++) writer.add(line(`line ${i}`));
  writer.add(line("other", "b"));
  await writer.add({ kind: "run.succeeded", durationMs: 1 }, { completedAt: 1 });
  assert.equal(shown.length, MAX_LOG_LINES + 3);
  assert.deepEqual(
    shown.slice(-3, -1).map((event) => event.kind === "log" ? [event.node, event.message] : []),
    [["a", "3 further log lines were not kept"], ["b", "1 further log line was not kept"]],
  );
  assert.deepEqual(shown.map((event) => event.seq), shown.map((_, index) => index + 1));
});

Deno.test("a writer keeps a bounded number of bytes of log lines", async () => {
  const { writer, shown } = open();
  const long = "x".repeat(MAX_LOG_BYTES / 8);
  for (let i = 0; i < 10; i++) writer.add(line(long));
  await writer.settle();
  assert.equal(shown.length, 3);
});
