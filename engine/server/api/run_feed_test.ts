import assert from "node:assert/strict";
import type { RunEvent } from "../../executor/mod.ts";
import type { RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import { type Change, RunFeed } from "./run_feed.ts";

type Listener = Parameters<Registry["subscribe"]>[0];

/** A registry of one run; how often its summary was made is counted. */
class FakeRegistry {
  readonly listeners = new Set<Listener>();
  status = "running";
  summaries = 0;

  readonly subscribe = (listener: Listener): () => void => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly entry = {
    name: "deploy",
    workflow: { liveRun: (id: string) => ({ id, summary: this.#summary }) },
  } as unknown as RegisteredWorkflow;

  tell(kind: RunEvent["kind"]): void {
    for (const listener of this.listeners) listener({ kind, runId: "r1" } as RunEvent, this.entry);
  }

  get #summary() {
    return Object.defineProperty({ runId: "r1" }, "status", {
      enumerable: true,
      get: () => {
        this.summaries++;
        return this.status;
      },
    });
  }
}

Deno.test("the end of a run is written down at once: a viewer that does not read holds no run that is over", () => {
  const registry = new FakeRegistry();
  const changes: Change[] = [];
  using stop = new DisposableStack();
  stop.defer(new RunFeed(registry).watch((change) => changes.push(change)));
  registry.tell("run.started");
  assert.equal(registry.summaries, 0, "a run that goes on is shown as it is when somebody reads");
  registry.status = "succeeded";
  registry.tell("run.succeeded");
  const written = registry.summaries;
  assert.ok(written > 0);
  registry.status = "changed later";
  assert.match(changes[1]?.text ?? "", /"status":"succeeded"/);
  assert.equal(registry.summaries, written);
});

Deno.test("a change is written down once for all who watch, and nobody listens when nobody does", () => {
  const registry = new FakeRegistry();
  const feed = new RunFeed(registry);
  const seen: Change[] = [];
  const stops = [1, 2].map(() => feed.watch((change) => seen.push(change)));
  registry.tell("run.started");
  assert.equal(seen.length, 2);
  assert.equal(seen[0]?.text, seen[1]?.text);
  assert.equal(registry.listeners.size, 1);
  for (const stop of stops) stop();
  assert.equal(registry.listeners.size, 0);
});
