import assert from "node:assert/strict";
import { AckPolicy, RetentionPolicy } from "@nats-io/jetstream";
import { headers, nanos } from "@nats-io/transport-node";
import { CodedError } from "../engine/errors/mod.ts";
import { openDeadLetterBox, openQueueTrigger } from "../engine/triggers/nats/mod.ts";
import { natsClient, untilSettled } from "./_nats_client.ts";
import { findNats, type NatsServer, startNats } from "./_nats_server.ts";
import { queueSpec } from "./_queue_spec.ts";
import { type FakeHostOptions, FakeTriggerHost } from "./_trigger_host.ts";

const nats = await findNats();

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `a queue trigger of JetStream ${name}`,
    ignore: nats.status === "missing",
    fn,
  });
}

/** A server with the stream ORDERS of `orders`, and ORDERS_DLQ of `orders.dlq`. */
async function startWithStreams(): Promise<NatsServer> {
  const server = await startNats();
  await using client = await natsClient(server);
  await client.manager.streams.add({ name: "ORDERS", subjects: ["orders"] });
  await client.manager.streams.add({ name: "ORDERS_DLQ", subjects: ["orders.dlq"] });
  return server;
}

function hostOf(server: NatsServer, options: FakeHostOptions): FakeTriggerHost {
  return new FakeTriggerHost({
    config: { nats_url: server.url },
    secrets: { nats: { token: server.token } },
    ...options,
  });
}

const SPEC = queueSpec({ stream: "ORDERS", durable: "worker" });

test("loses nothing and doubles nothing while the server is killed and the wire is cut", async () => {
  await using server = await startWithStreams();
  const sent = Array.from({ length: 1_000 }, (_, index) => `order-${index}`);
  {
    await using client = await natsClient(server);
    await Promise.all(
      sent.map((id) => client.stream.publish("orders", JSON.stringify({ id }), { msgID: id })),
    );
  }
  await using client = await natsClient(server);
  // What the server told a client that was gone comes again soon.
  await client.manager.consumers.add("ORDERS", {
    durable_name: "worker",
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(1_000),
    filter_subject: "orders",
  });
  const halfway = Promise.withResolvers<void>();
  const nearEnd = Promise.withResolvers<void>();
  const host = hostOf(server, {
    async run({ input }) {
      if (host.calls.length === 400) halfway.resolve();
      if (host.calls.length === 700) nearEnd.resolve();
      await Promise.resolve();
      return input;
    },
  });
  await using _trigger = await openQueueTrigger(SPEC, host);
  await halfway.promise;
  await server.kill();
  await server.start();
  await nearEnd.promise;
  server.cutConnections();
  await host.until(() => host.calls.length >= sent.length);
  await using fresh = await natsClient(server);
  await untilSettled(fresh);
  const processed = host.calls.map(({ input }) => (input as { id: string }).id);
  assert.deepEqual([...processed].sort(), [...sent].sort());
});

test("gives a poison message up after max_deliver, with the reason, and pd dlq brings it back", async () => {
  await using server = await startWithStreams();
  let isCured = false;
  const host = hostOf(server, {
    run({ input }) {
      if (isCured) return "fine";
      throw new Error(`cannot parse ${JSON.stringify(input)} with ${server.token}`);
    },
  });
  await using _trigger = await openQueueTrigger({ ...SPEC, maxDeliver: 2 }, host);
  await using client = await natsClient(server);
  const own = headers();
  own.set("Order-Kind", "gift");
  await client.stream.publish("orders", '{"id":1}', { msgID: "order-1", headers: own });
  await host.until(() => host.counts.dead_lettered === 1);
  assert.equal(host.calls.length, 2);
  assert.notEqual(host.calls[0]?.key, host.calls[1]?.key);

  const letter = await client.manager.streams.getMessage("ORDERS_DLQ", { seq: 1 });
  assert.equal(letter?.string(), '{"id":1}');
  const header = (name: string) => letter?.header.get(name);
  assert.equal(header("Pd-Error-Code"), "NODE_FAILED");
  assert.equal(header("Pd-Error"), 'node "work": cannot parse {"id":1} with ***');
  assert.equal(header("Pd-Subject"), "orders");
  assert.equal(header("Pd-Stream"), "ORDERS");
  assert.equal(header("Pd-Sequence"), "1");
  assert.equal(header("Pd-Msg-Id"), "order-1");
  assert.equal(header("Pd-Attempts"), "2");
  assert.equal(header("Pd-Deliveries"), "2");
  assert.equal(header("Pd-Run-Id"), host.calls[1]?.runId);
  assert.equal(header("Order-Kind"), "gift");
  assert.ok(Date.parse(header("Pd-First-Seen") ?? "") <= Date.parse(header("Pd-Failed-At") ?? ""));
  assert.ok(!JSON.stringify([...letter?.header ?? []]).includes(server.token));
  assert.ok(!host.logText().includes(server.token));
  await untilSettled(client);

  isCured = true;
  await using box = await openDeadLetterBox({
    workflow: "orders",
    triggers: [SPEC],
    config: host.config,
    secrets: host.secrets,
    dir: ".",
  });
  const [found] = await Array.fromAsync(box.read("orders.dlq"));
  assert.ok(found !== undefined);
  assert.deepEqual(found.payload, { id: 1 });
  assert.deepEqual(found.headers, { "Order-Kind": "gift" });
  assert.deepEqual(await box.replay(found), { subject: "orders" });
  await host.until(() => host.calls.length === 3);
  assert.deepEqual(host.calls[2]?.input, { id: 1 });
  assert.deepEqual(host.calls[2]?.trigger["headers"], {
    "Order-Kind": "gift",
    "Nats-Msg-Id": "order-1:replay-1",
  });
  assert.deepEqual(await Array.fromAsync(box.read("orders.dlq")), []);
  await untilSettled(client);
});

test("puts what is no valid input among the dead letters at once", async () => {
  await using server = await startWithStreams();
  const host = hostOf(server, { run: () => 1 });
  host.refusals.push(new CodedError("INPUT_INVALID", "Cannot start: id is missing"));
  await using _trigger = await openQueueTrigger(SPEC, host);
  await using client = await natsClient(server);
  await client.stream.publish("orders", "{}");
  await host.until(() => host.counts.dead_lettered === 1);
  const letter = await client.manager.streams.getMessage("ORDERS_DLQ", { seq: 1 });
  assert.equal(letter?.header.get("Pd-Error-Code"), "INPUT_INVALID");
  assert.equal(letter?.header.get("Pd-Attempts"), "0");
  assert.equal(host.calls.length, 0);
});

test("delivers again what a full queue refused, without counting it", async () => {
  await using server = await startWithStreams();
  const host = hostOf(server, { run: () => "done" });
  host.refusals.push(
    new CodedError("QUEUE_FULL", "Cannot queue: it is full"),
    ...Array.from({ length: 4 }, () => {
      return new CodedError("STORAGE_UNAVAILABLE", "Cannot store: the disk is full");
    }),
  );
  await using _trigger = await openQueueTrigger({ ...SPEC, maxDeliver: 1 }, host);
  await using client = await natsClient(server);
  await client.stream.publish("orders", "1");
  await host.until(() => host.calls.length === 1);
  await untilSettled(client);
  assert.equal(host.counts.refused, 5);
  assert.equal(host.counts.redelivered, 1);
  assert.equal(host.counts.dead_lettered, undefined);
});

test("keeps a long run from being delivered again", async () => {
  await using server = await startWithStreams();
  await using client = await natsClient(server);
  await client.manager.consumers.add("ORDERS", {
    durable_name: "worker",
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(300),
    filter_subject: "orders",
  });
  const host = hostOf(server, {
    // Four times as long as the server waits.
    run: () => new Promise((resolve) => setTimeout(() => resolve("slow"), 1_200)),
  });
  await using _trigger = await openQueueTrigger(SPEC, host);
  await client.stream.publish("orders", "1");
  await host.until(() => host.calls.length === 1);
  await untilSettled(client);
  assert.equal(host.calls.length, 1);
  assert.equal(host.counts.redelivered, undefined);
  const { delivered } = await client.manager.consumers.info("ORDERS", "worker");
  assert.equal(delivered.consumer_seq, 1);
});

test("never works on more than max_in_flight messages", async () => {
  await using server = await startWithStreams();
  const host = hostOf(server, {
    run: () => new Promise((resolve) => setTimeout(() => resolve(1), 5)),
  });
  await using client = await natsClient(server);
  for (let index = 0; index < 60; index++) void client.stream.publish("orders", `${index}`);
  await client.connection.flush();
  await using _trigger = await openQueueTrigger({ ...SPEC, maxInFlight: 3 }, host);
  await host.until(() => host.calls.length === 60);
  await untilSettled(client);
  assert.equal(host.mostAtOnce, 3);
});

test("keeps what a full queue refused, where the server would not deliver it again", async () => {
  await using server = await startWithStreams();
  await using client = await natsClient(server);
  await client.manager.consumers.add("ORDERS", {
    durable_name: "worker",
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(500),
    max_deliver: 1,
    max_batch: 2,
    max_expires: nanos(2_000),
  });
  const host = hostOf(server, { run: () => "done" });
  for (let index = 0; index < 5; index++) {
    host.refusals.push(new CodedError("QUEUE_FULL", "Cannot queue: it is full"));
  }
  await using _trigger = await openQueueTrigger(SPEC, host);
  await client.stream.publish("orders", "1");
  await host.until(() => host.calls.length === 1);
  await untilSettled(client);
  assert.equal(host.counts.redelivered, undefined);
});

test("leaves a consumer of others alone that delivers other subjects", async () => {
  await using server = await startNats();
  await using client = await natsClient(server);
  await client.manager.streams.add({ name: "ORDERS", subjects: ["orders", "refunds"] });
  await client.manager.consumers.add("ORDERS", {
    durable_name: "worker",
    ack_policy: AckPolicy.Explicit,
  });
  const host = hostOf(server, { run: () => 1 });
  await using _trigger = await openQueueTrigger(SPEC, host);
  await host.until(() => /nats consumer edit ORDERS worker --filter=/.test(host.logText()));
});

test("listens to other subjects with its own consumer after an edit", async () => {
  await using server = await startNats();
  await using client = await natsClient(server);
  await client.manager.streams.add({ name: "ORDERS", subjects: ["orders", "refunds"] });
  {
    const host = hostOf(server, { run: () => 1 });
    await using _trigger = await openQueueTrigger(SPEC, host);
    await host.until(() => host.lines.some(({ message }) => message.startsWith("listens")));
  }
  const host = hostOf(server, { run: () => 2 });
  await using _trigger = await openQueueTrigger({ ...SPEC, subjects: ["refunds"] }, host);
  await client.stream.publish("orders", "1");
  await client.stream.publish("refunds", "2");
  await host.until(() => host.calls.length === 1);
  await untilSettled(client);
  assert.deepEqual(host.calls.map(({ input }) => input), [2]);
});

test("shares the messages of a durable among engines, and gives back what it has not begun", async () => {
  await using server = await startWithStreams();
  await using client = await natsClient(server);
  const storage = new Map();
  const gate = Promise.withResolvers<void>();
  const one = hostOf(server, { storage, run: () => gate.promise.then(() => 1) });
  const two = hostOf(server, { storage, run: () => 2 });
  const spec = { ...SPEC, maxInFlight: 4 };
  await using first = await openQueueTrigger(spec, one);
  for (let index = 0; index < 20; index++) await client.stream.publish("orders", `${index}`);
  await one.until(() => one.calls.length === 4);
  await using _second = await openQueueTrigger(spec, two);
  await two.until(() => two.calls.length === 16);
  const drained = first.drain();
  gate.resolve();
  await drained;
  await untilSettled(client);
  assert.deepEqual([one.calls.length, two.calls.length], [4, 16]);
});

test("finds the run of a message that comes again after its engine is gone", async () => {
  await using server = await startWithStreams();
  await using client = await natsClient(server);
  const storage = new Map();
  const gate = Promise.withResolvers<void>();
  const gone = hostOf(server, { storage, run: () => gate.promise.then(() => 1) });
  const next = hostOf(server, { storage, run: () => 2 });
  {
    await using _trigger = await openQueueTrigger(SPEC, gone);
    await client.stream.publish("orders", "1");
    await gone.until(() => gone.calls.length === 1);
  }
  await using _trigger = await openQueueTrigger(SPEC, next);
  await next.until(() => next.counts.redelivered === 1);
  gate.resolve();
  await untilSettled(client);
  assert.deepEqual([gone.calls.length, next.calls.length], [1, 0]);
});

test("says how to add a stream that is not there, and begins when it is", async () => {
  await using server = await startNats();
  const host = hostOf(server, { run: () => 1 });
  await using _trigger = await openQueueTrigger(SPEC, host);
  await host.until(() => host.lines.some(({ level }) => level === "warn"));
  assert.match(
    host.logText(),
    /TRIGGER_UNAVAILABLE: Cannot listen to "orders" .*there is no stream ORDERS .*nats stream add ORDERS --subjects=/,
  );
  await using client = await natsClient(server);
  await client.manager.streams.add({ name: "ORDERS", subjects: ["orders"] });
  await client.stream.publish("orders", "1");
  await host.until(() => host.calls.length === 1);
});

test("creates its streams where it may", async () => {
  await using server = await startNats();
  const host = new FakeTriggerHost({
    config: { nats_url: server.url, nats_create: true },
    secrets: { nats: { token: server.token } },
    run: () => {
      throw new Error("poison");
    },
  });
  const spec = queueSpec({ stream: "ORDERS", subjects: ["orders.*", "refunds"], maxDeliver: 1 });
  await using _trigger = await openQueueTrigger(spec, host);
  await using client = await natsClient(server);
  await host.until(() => host.lines.some(({ message }) => message.startsWith("listens")));
  await client.stream.publish("orders.eu", "1");
  await client.stream.publish("refunds", "2");
  await host.until(() => host.counts.dead_lettered === 2);
  const box = await openDeadLetterBox({ ...host, triggers: [spec], dir: "." });
  const letters = [];
  for (const { deadLetter } of box.places) {
    letters.push(...await Array.fromAsync(box.read(deadLetter)));
  }
  assert.deepEqual(letters.map(({ payload }) => payload), [1, 2]);
  await box[Symbol.asyncDispose]();
});

test("keeps a poison message while no stream takes dead letters", async () => {
  await using server = await startNats();
  await using client = await natsClient(server);
  await client.manager.streams.add({ name: "ORDERS", subjects: ["orders"] });
  const host = hostOf(server, {
    run: () => {
      throw new Error("poison");
    },
  });
  await using _trigger = await openQueueTrigger({ ...SPEC, maxDeliver: 1 }, host);
  await client.stream.publish("orders", "1");
  await host.until(() => /Cannot store a message of "orders.dlq"/.test(host.logText()));
  assert.match(host.logText(), /Cannot give messages up to "orders.dlq"/);
  assert.match(host.logText(), /nats stream add ORDERS_DLQ --subjects/);
  await client.manager.streams.add({ name: "ORDERS_DLQ", subjects: ["orders.dlq"] });
  await host.until(() => host.counts.dead_lettered === 1);
  assert.equal(host.calls.length, 1);
});

test("does not take its own dead letters for messages", async () => {
  await using server = await startNats();
  await using client = await natsClient(server);
  await client.manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] });
  const host = hostOf(server, {
    run: () => {
      throw new Error("poison");
    },
  });
  const spec = queueSpec({ stream: "ORDERS", subjects: ["orders.>"], maxDeliver: 1 });
  await using _trigger = await openQueueTrigger(spec, host);
  await client.stream.publish("orders.eu", "1");
  await host.until(() => host.counts.dead_lettered === 1);
  await untilSettled(client, "orders-orders-all");
  assert.equal(host.calls.length, 1);
  const { state } = await client.manager.streams.info("ORDERS");
  assert.equal(state.messages, 2);
});

test("does not listen where it would take dead letters out of its own work queue", async () => {
  await using server = await startNats();
  await using client = await natsClient(server);
  await client.manager.streams.add({
    name: "ORDERS",
    subjects: ["orders.>"],
    retention: RetentionPolicy.Workqueue,
  });
  const host = hostOf(server, { run: () => 1 });
  const spec = queueSpec({ stream: "ORDERS", subjects: ["orders.>"] });
  await using _trigger = await openQueueTrigger(spec, host);
  await host.until(() => /dead_letter: dlq\.orders\.all/.test(host.logText()));
});
