import { type Clock, systemClock } from "../clock/mod.ts";
import { openStorage, type Owner, type Storage } from "../storage/mod.ts";
import { testWorkflow, type TestWorkflowOptions } from "./_test_workflow.ts";
import type { Workflow } from "./workflow.ts";

/** An engine of a test: a workflow over storage that others share, and a way to end it at once. */
export interface TestEngine {
  readonly workflow: Workflow;
  readonly owner: Owner;
  /** As SIGKILL would: nothing is written or heard any more. */
  kill(): void;
  /** From now on the storage answers this engine with `error`; with nothing again when undefined. */
  fail(error: Error | undefined): void;
}

/** Engines that share one storage, which counts as durable. */
export interface TestEngines extends AsyncDisposable {
  readonly storage: Storage;
  start(options?: TestWorkflowOptions): Promise<TestEngine>;
}

/** Opens a storage in memory that outlives its engines. */
export async function openEngines(clock: Clock = systemClock): Promise<TestEngines> {
  const dead = new Set<string>();
  const storage = await openStorage("memory:", {
    clock,
    isOwnerAlive: ({ id }) => Promise.resolve(!dead.has(id)),
  });
  const alive = new Set<Workflow>();
  return {
    storage,
    async start(options = {}) {
      const owner = { id: crypto.randomUUID(), host: "test", pid: 1, startedAt: 1 };
      const link = { isCut: false, error: undefined as Error | undefined };
      const timers = new EndingClock(clock);
      const workflow = await testWorkflow({
        ...options,
        clock: timers,
        parts: { storage: linked(storage, link), owner, ...options.parts },
      });
      alive.add(workflow);
      return {
        workflow,
        owner,
        kill() {
          link.isCut = true;
          dead.add(owner.id);
          alive.delete(workflow);
          timers.end();
        },
        fail: (error) => void (link.error = error),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const workflow of alive) await workflow[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
    },
  };
}

/** A clock whose timers end with their engine. */
class EndingClock implements Clock {
  readonly #clock: Clock;
  readonly #stops = new Set<() => void>();
  #hasEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(delayMs: number, callback: () => void): () => void {
    if (this.#hasEnded) return () => {};
    const stop = this.#clock.after(delayMs, () => {
      this.#stops.delete(stop);
      callback();
    });
    this.#stops.add(stop);
    return stop;
  }

  end(): void {
    this.#hasEnded = true;
    for (const stop of this.#stops) stop();
  }
}

/** The storage as one engine reaches it. */
function linked(
  storage: Storage,
  link: { readonly isCut: boolean; readonly error: Error | undefined },
): Storage {
  return new Proxy(storage, {
    get(target, name) {
      if (name === "kind") return "sqlite";
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (name === "onChange") return member.bind(target);
      return (...args: unknown[]) => {
        if (link.isCut) return new Promise(() => {});
        if (link.error !== undefined) return Promise.reject(link.error);
        const answer = Reflect.apply(member, target, args);
        // What was on its way when the engine ended is never heard of.
        return answer instanceof Promise
          ? answer.then((value) => link.isCut ? new Promise(() => {}) : value)
          : answer;
      };
    },
  });
}
