import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { seededRandom } from "../compiler/mod.ts";
import { DEFAULT_CONFIG, type QueueConfig } from "../spec/mod.ts";
import { type Moves, RunQueue } from "./mod.ts";

type Fate = "pending" | "waiting" | "running" | "refused" | "withdrawn" | "cancelled" | "ended";

const OPEN: readonly Fate[] = ["pending", "waiting", "running"];

/** Drives a queue at random, keeps its own books, and compares them after each step. */
class Game {
  readonly fates = new Map<string, Fate>();
  readonly partitions = new Map<string, string>();
  /** In the order in which they were accepted, and in which they began. */
  readonly accepted: string[] = [];
  readonly begun: string[] = [];
  readonly #clock = new FakeClock();
  readonly #config: QueueConfig;
  readonly #random: () => number;
  readonly #queue: RunQueue;

  constructor(config: QueueConfig, random: () => number) {
    this.#config = config;
    this.#random = random;
    this.#queue = new RunQueue(config, this.#clock);
  }

  async step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.4) this.#offer();
    else if (dice < 0.5) this.#settle(this.#pick("pending"), this.#random() < 0.8);
    else if (dice < 0.8) this.#end(this.#pick("running"));
    else if (dice < 0.9) this.#cancel(this.#pick(this.#random() < 0.5 ? "waiting" : "running"));
    else {
      await this.#clock.advance(Math.floor(this.#random() * 4) * 500);
      this.#move(this.#queue.due());
    }
    this.#check();
  }

  /** Ends all that is there; every run has to come to an end. */
  async finish(): Promise<void> {
    for (const id of this.#all("pending")) this.#settle(id, true);
    for (let round = 0; OPEN.some((fate) => this.#all(fate).length > 0); round++) {
      assert.ok(round < 10_000, "a run waits for ever");
      for (const id of this.#all("running")) this.#end(id);
      await this.#clock.advance(1_000);
      this.#move(this.#queue.due());
      this.#check();
    }
    assert.deepEqual(this.#queue.stats, { running: 0, waiting: 0, delayed: 0 });
  }

  #offer(): void {
    const runId = `r${this.fates.size}`;
    const partition = "xyz"[Math.floor(this.#random() * 3)] ?? "x";
    this.partitions.set(runId, partition);
    const offer = this.#queue.offer({ runId, partition, createdAt: this.#clock.now() });
    if (offer.decision === "start") {
      this.#change(runId, undefined, "running");
      this.begun.push(runId);
      if (this.#random() < 0.2) {
        this.fates.set(runId, "withdrawn");
        this.#move(this.#queue.withdraw(runId));
      }
    } else if (offer.decision === "refuse") {
      assert.ok(this.#config.strategy !== "partitioned_replace");
      assert.equal(offer.waiting, this.#all("waiting").length + this.#all("pending").length);
      this.#change(runId, undefined, "refused");
    } else {
      this.#change(runId, undefined, "pending");
      if (this.#random() < 0.7) this.#settle(runId, true);
    }
  }

  #settle(runId: string | undefined, isStored: boolean): void {
    if (runId === undefined) return;
    if (!isStored) {
      this.#change(runId, "pending", "withdrawn");
      this.#move(this.#queue.withdraw(runId));
      return;
    }
    this.#change(runId, "pending", "waiting");
    this.accepted.push(runId);
    this.#move(this.#queue.accept(runId));
  }

  #end(runId: string | undefined): void {
    if (runId === undefined) return;
    this.#change(runId, "running", "ended");
    this.#move(this.#queue.ended(runId));
  }

  #cancel(runId: string | undefined): void {
    if (runId === undefined) return;
    if (this.fates.get(runId) === "waiting") this.#change(runId, "waiting", "cancelled");
    this.#queue.cancelled(runId);
  }

  #move({ start, cancel }: Moves): void {
    for (const id of cancel) {
      const fate = this.fates.get(id);
      assert.ok(fate === "waiting" || fate === "running", `${id} is cancelled while ${fate}`);
      if (fate === "waiting") this.#change(id, "waiting", "cancelled");
      else assert.ok(this.#config.interrupt);
    }
    for (const id of start) {
      this.#change(id, "waiting", "running");
      this.begun.push(id);
    }
  }

  #change(runId: string, from: Fate | undefined, to: Fate): void {
    assert.equal(this.fates.get(runId), from, runId);
    this.fates.set(runId, to);
  }

  #check(): void {
    const { concurrency = Infinity, limit, strategy, partitionLimit } = this.#config;
    const waiting = this.#all("waiting");
    const running = this.#all("running").length;
    const { stats } = this.#queue;
    assert.equal(stats.running, running);
    assert.equal(stats.waiting, waiting.length + this.#all("pending").length);
    assert.ok(running <= concurrency);
    if (running < concurrency) assert.equal(stats.delayed, waiting.length, "a free place is used");
    const positions = waiting.map((id) => this.#queue.position(id)).toSorted((a = 0, b = 0) =>
      a - b
    );
    assert.deepEqual(positions, waiting.map((_, index) => index + 1));
    if (strategy === "partitioned_replace") {
      for (const partition of "xyz") {
        const count = waiting.filter((id) => this.partitions.get(id) === partition).length;
        assert.ok(count <= partitionLimit);
      }
    } else if (limit !== undefined && limit > 0) assert.ok(waiting.length <= limit);
  }

  #all(fate: Fate): string[] {
    return [...this.fates].filter(([, at]) => at === fate).map(([id]) => id);
  }

  #pick(fate: Fate): string | undefined {
    const all = this.#all(fate);
    return all[Math.floor(this.#random() * all.length)];
  }
}

function anyConfig(random: () => number): QueueConfig {
  function pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[Math.floor(random() * values.length)] ?? values[0];
  }
  return {
    ...DEFAULT_CONFIG.queue,
    concurrency: pick([1, 1, 2, 5, undefined]),
    limit: pick([undefined, 0, 1, 3]),
    strategy: pick(["append", "replace", "partitioned_replace"]),
    partitionLimit: pick([1, 2]),
    interrupt: pick([false, true]),
    startDelayMs: pick([0, 0, 1_000]),
  };
}

Deno.test("RunQueue keeps its limits, its order and every run, over 400 random games", async () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed);
    const config = anyConfig(random);
    const game = new Game(config, random);
    const what = `seed ${seed}: ${JSON.stringify(config)}`;
    try {
      for (let step = 0; step < 150; step++) await game.step();
      await game.finish();
    } catch (error) {
      throw new Error(`${what}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    const waited = game.accepted.filter((id) => game.begun.includes(id));
    if (config.strategy === "append" && config.startDelayMs === 0) {
      assert.deepEqual(game.begun.filter((id) => waited.includes(id)), waited, what);
    }
    assert.equal(new Set(game.begun).size, game.begun.length, what);
  }
});
