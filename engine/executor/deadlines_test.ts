import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { Deadlines } from "./deadlines.ts";

class Task {
  isOver = false;
  readonly name: string;
  readonly #expired: string[];

  constructor(name: string, expired: string[]) {
    this.name = name;
    this.#expired = expired;
  }

  expire(): void {
    this.#expired.push(this.name);
    this.isOver = true;
  }
}

Deno.test("Deadlines expire in their order, each at its time, with one timer per delay", async () => {
  const clock = new FakeClock();
  using deadlines = new Deadlines(clock);
  const expired: string[] = [];
  deadlines.set(100, new Task("a", expired));
  deadlines.set(30, new Task("b", expired));
  await clock.advance(10);
  deadlines.set(100, new Task("c", expired));
  assert.equal(clock.pending, 2);
  await clock.advance(20);
  assert.deepEqual(expired, ["b"]);
  await clock.advance(70);
  assert.deepEqual(expired, ["b", "a"]);
  await clock.advance(9);
  assert.deepEqual(expired, ["b", "a"]);
  await clock.advance(1);
  assert.deepEqual(expired, ["b", "a", "c"]);
  assert.equal(clock.pending, 0);
});

Deno.test("Deadlines leave alone what is over", async () => {
  const clock = new FakeClock();
  using deadlines = new Deadlines(clock);
  const expired: string[] = [];
  const tasks = Array.from({ length: 5_000 }, (_, i) => new Task(`t${i}`, expired));
  for (const task of tasks) deadlines.set(100, task);
  for (const task of tasks.slice(0, 4_999)) task.isOver = true;
  await clock.advance(50);
  deadlines.set(100, new Task("late", expired));
  await clock.advance(50);
  assert.deepEqual(expired, ["t4999"]);
  await clock.advance(50);
  assert.deepEqual(expired, ["t4999", "late"]);
});

Deno.test("Deadlines may be set by what expires", async () => {
  const clock = new FakeClock();
  using deadlines = new Deadlines(clock);
  const expired: string[] = [];
  deadlines.set(100, {
    isOver: false,
    expire: () => deadlines.set(100, new Task("next", expired)),
  });
  await clock.advance(199);
  assert.deepEqual(expired, []);
  await clock.advance(1);
  assert.deepEqual(expired, ["next"]);
});

Deno.test("Deadlines leave no timer when disposed", () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  for (const delayMs of [1, 2, 3]) deadlines.set(delayMs, new Task("x", []));
  deadlines[Symbol.dispose]();
  assert.equal(clock.pending, 0);
});
