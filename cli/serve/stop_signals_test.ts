import assert from "node:assert/strict";
import { fakeIo } from "../fake_io.ts";
import { stopSignals } from "./stop_signals.ts";

Deno.test("the first Ctrl-C stops, the second one forces, and the third is the system's", () => {
  const io = fakeIo();
  using signals = stopSignals(io, () => {});
  const seen = () => [signals.stop.aborted, signals.force.aborted];
  assert.deepEqual(seen(), [false, false]);
  io.signal("SIGINT");
  assert.deepEqual(seen(), [true, false]);
  assert.equal(io.signal("SIGINT"), true);
  assert.deepEqual(seen(), [true, true]);
  assert.equal(io.signal("SIGINT"), false, "nobody listens any more");
});

Deno.test("SIGTERM forces at once, before and after a Ctrl-C", () => {
  for (const before of [[], ["SIGINT"]] as const) {
    const io = fakeIo();
    using signals = stopSignals(io, () => {});
    for (const signal of before) io.signal(signal);
    io.signal("SIGTERM");
    assert.deepEqual([signals.stop.aborted, signals.force.aborted], [true, true]);
  }
});

Deno.test("SIGUSR1 reloads, as often as it comes, and stops nothing", () => {
  const io = fakeIo();
  let reloads = 0;
  using signals = stopSignals(io, () => void reloads++);
  io.signal("SIGUSR1");
  io.signal("SIGUSR1");
  assert.equal(reloads, 2);
  assert.equal(signals.stop.aborted, false);
});

Deno.test("nobody listens once it is disposed of", () => {
  const io = fakeIo();
  stopSignals(io, () => {})[Symbol.dispose]();
  for (const signal of ["SIGINT", "SIGTERM", "SIGUSR1"] as const) {
    assert.equal(io.signal(signal), false);
  }
});
