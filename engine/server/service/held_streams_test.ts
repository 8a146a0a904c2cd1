import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import { testService } from "./_test_service.ts";
import { HeldStreams } from "./held_streams.ts";

const START = 1_000_000;

/** A source that counts what was asked of it. */
function countingSource() {
  const seen = { pulled: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      seen.pulled++;
      controller.enqueue(new Uint8Array([seen.pulled]));
    },
    cancel() {
      seen.cancelled = true;
    },
  }, { highWaterMark: 0 });
  return { seen, stream };
}

function heldBy(clock: FakeClock) {
  return new HeldStreams({ clock, maxStreams: 2, idleMs: 60_000 });
}

const ANN = { caller: "ann", expiresAt: undefined };

Deno.test("a held stream reads nothing ahead of its client", async () => {
  const clock = new FakeClock(START);
  const { seen, stream } = countingSource();
  const reader = heldBy(clock).hold(stream, ANN).getReader();
  await clock.advance(1000);
  assert.equal(seen.pulled, 0);
  await reader.read();
  await clock.advance(1000);
  assert.equal(seen.pulled, 1);
  await reader.cancel();
  assert.equal(seen.cancelled, true);
  assert.equal(clock.pending, 0);
});

Deno.test("a stream that nobody reads from ends, and gives its place back", async () => {
  const clock = new FakeClock(START);
  const streams = heldBy(clock);
  const { seen, stream } = countingSource();
  const reader = streams.hold(stream, ANN).getReader();
  await reader.read();
  await clock.advance(59_999);
  assert.equal(streams.size, 1);
  await clock.advance(1);
  assert.equal(streams.size, 0);
  assert.equal(seen.cancelled, true);
  assert.equal((await reader.read()).done, true);
  assert.equal(clock.pending, 0);
});

Deno.test("a stream whose source is silent is not idle: its client waits", async () => {
  const clock = new FakeClock(START);
  const streams = heldBy(clock);
  const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const reader = streams.hold(silent, ANN).getReader();
  const reading = reader.read();
  await clock.advance(600_000);
  assert.equal(streams.size, 1);
  streams.endAll();
  assert.equal((await reading).done, true);
});

Deno.test("a stream ends when its token expires", async () => {
  const clock = new FakeClock(START);
  const streams = heldBy(clock);
  const { seen, stream } = countingSource();
  const reader = streams.hold(stream, { caller: "ann", expiresAt: START + 5000 }).getReader();
  await clock.advance(4999);
  assert.equal((await reader.read()).done, false);
  await clock.advance(1);
  assert.equal((await reader.read()).done, true);
  assert.equal(seen.cancelled, true);
  assert.equal(clock.pending, 0);
});

Deno.test("a stream that ends, or fails, by itself gives its place back", async () => {
  const clock = new FakeClock(START);
  const streams = heldBy(clock);
  const ended = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  assert.equal((await streams.hold(ended, ANN).getReader().read()).done, true);
  const broken = new ReadableStream<Uint8Array>({
    pull: () => Promise.reject(new Error("broken")),
  });
  await assert.rejects(streams.hold(broken, ANN).getReader().read(), /broken/);
  assert.equal(streams.size, 0);
  assert.equal(clock.pending, 0);
});

Deno.test("one caller has so many streams, others have theirs, and the end of the server ends all", async () => {
  let cancelled = 0;
  const service = testService([{
    method: "GET",
    path: "/events",
    scope: "read",
    handle: () =>
      new Response(
        new ReadableStream({ cancel: () => void cancelled++ }, { highWaterMark: 0 }),
        { headers: { "content-type": "text/event-stream" } },
      ),
  }], { limits: { maxStreams: 2 } });
  const ann = { headers: await service.bearer({ subject: "ann" }) };
  const bob = { headers: await service.bearer({ subject: "bob" }) };
  const open = [await service.send("/events", ann), await service.send("/events", ann)];
  const refused = await service.send("/events", ann);
  assert.equal(refused.status, 429);
  assert.equal(cancelled, 1);
  open.push(await service.send("/events", bob));
  const head = await service.send("/events", { ...bob, method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(cancelled, 2, "HEAD leaves no stream behind");
  service.endStreams();
  for (const { body } of open) assert.equal((await body?.getReader().read())?.done, true);
  assert.equal((await service.send("/events", ann)).status, 200);
  service.endStreams();
});
