import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { type Storage, StorageError } from "../storage/mod.ts";
import { openEngines, type TestEngines } from "./_test_engines.ts";
import type { TestWorkflowOptions } from "./_test_workflow.ts";
import type { Workflow } from "./workflow.ts";

const UNAVAILABLE = new StorageError("STORAGE_UNAVAILABLE", "Cannot write: the connection was cut");

/** What goes wrong on the way to the storage. */
interface Wire {
  /** Runs are stored, and nobody hears of it. */
  losesAnswers: boolean;
  /** Nothing arrives. */
  isCut: boolean;
}

async function withWire(
  options: TestWorkflowOptions,
  test: (
    at: { engines: TestEngines; workflow: Workflow; wire: Wire; clock: FakeClock },
  ) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock(1_000_000);
  await using engines = await openEngines(clock);
  const wire: Wire = { losesAnswers: false, isCut: false };
  const { workflow } = await engines.start({
    ...options,
    parts: { storage: wired(engines.storage, wire) },
  });
  await test({ engines, workflow, wire, clock });
}

function wired(storage: Storage, wire: Wire): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function" || name === "onChange") {
        return typeof member === "function" ? member.bind(target) : member;
      }
      return async (...args: unknown[]) => {
        if (wire.isCut) throw UNAVAILABLE;
        const answer = await Reflect.apply(member, target, args);
        if (name !== "createRun" || !wire.losesAnswers) return answer;
        throw UNAVAILABLE;
      };
    },
  });
}

Deno.test("a run goes on when it was stored and the answer was lost", () =>
  withWire({ nodes: { only: () => "done" } }, async ({ engines, workflow, wire }) => {
    wire.losesAnswers = true;
    const run = await workflow.start();
    assert.deepEqual((await run.result).outputs, { only: "done" });
    const [stored, ...others] = await engines.storage.listRuns({ limit: 10 });
    assert.deepEqual([stored?.runId, stored?.status, others], [run.id, "succeeded", []]);
  }));

Deno.test("a run that was not stored is refused at once, and its key is free", () => {
  const idempotency = { scope: "http", key: "k", ttlMs: 1_000_000 };
  return withWire({}, async ({ engines, workflow, wire, clock }) => {
    wire.isCut = true;
    await assert.rejects(workflow.start({}, { idempotency }), { code: "STORAGE_UNAVAILABLE" });
    await clock.advance(10_000);
    wire.isCut = false;
    await clock.advance(2_000);
    assert.deepEqual(await engines.storage.listRuns({ limit: 10 }), []);
    assert.equal(clock.pending, 0);
    assert.equal((await workflow.accept({}, { idempotency })).isNew, true);
  });
});

Deno.test("a run that is found only after its caller was turned away ends, and no node of it runs", () =>
  withWire({ nodes: { only: () => assert.fail("nobody waits for it") } }, async (at) => {
    const { engines, workflow, wire, clock } = at;
    await storedUnheard(at, {});
    await clock.advance(10_000);
    assert.equal((await engines.storage.listRuns({ limit: 10 }))[0]?.status, "running");
    wire.isCut = false;
    await clock.advance(2_000);
    const [stored] = await engines.storage.listRuns({ limit: 10 });
    assert.equal(stored?.status, "cancelled");
    assert.equal(workflow.stats().activeRuns, 0);
  }));

Deno.test("a run with a key that is found later goes on, and whoever asks again gets it", () =>
  withWire({ nodes: { only: () => "done" } }, async (at) => {
    const { engines, workflow, wire, clock } = at;
    const idempotency = { scope: "http", key: "k", ttlMs: 1_000_000 };
    await storedUnheard(at, { idempotency });
    wire.isCut = false;
    const again = await workflow.accept({}, { idempotency });
    assert.equal(again.isNew, false);
    await clock.advance(2_000);
    await clock.advance(2_000);
    assert.deepEqual((await again.run.result).outputs, { only: "done" });
    assert.equal((await engines.storage.listRuns({ limit: 10 })).length, 1);
  }));

/** Starts a run that is stored while the wire is cut behind it: its caller is turned away. */
async function storedUnheard(
  { engines, workflow, wire }: { engines: TestEngines; workflow: Workflow; wire: Wire },
  options: Parameters<Workflow["start"]>[1],
): Promise<void> {
  wire.losesAnswers = true;
  const refused = assert.rejects(workflow.start({}, options), { code: "STORAGE_UNAVAILABLE" });
  // It is on its way already; what is asked next does not arrive.
  wire.isCut = true;
  await refused;
  wire.losesAnswers = false;
  assert.equal((await engines.storage.listRuns({ limit: 10 })).length, 1);
}
