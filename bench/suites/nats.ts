import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { findNats, type NatsServer, startNats } from "../../e2e/_nats_server.ts";
import { queueSpec } from "../../e2e/_queue_spec.ts";
import { FakeTriggerHost } from "../../e2e/_trigger_host.ts";
import { openQueueTrigger } from "../../engine/triggers/nats/mod.ts";
import type { Row, Suite } from "../harness.ts";

/** What it costs that messages of JetStream start runs. */
export const suite: Suite = { name: "nats", measure: measureNats };

const MESSAGES = 20_000;

async function measureNats(): Promise<readonly Row[]> {
  if ((await findNats()).status === "missing") return [];
  const bare = await withMessages(consumeBare);
  const rows: Row[] = [];
  for (const maxInFlight of [16, 64]) {
    rows.push({
      what: `JetStream, runs that do nothing, max_in_flight ${maxInFlight}`,
      figure: await withMessages((server) => consumeByTrigger(server, maxInFlight)),
      unit: "runs/s",
      baseline: { what: "consume and acknowledge", figure: bare },
      ...(maxInFlight === 16 ? { target: { atLeast: 1_500 } } : {}),
    });
  }
  return rows;
}

/** Messages per second that `consume` takes out of a stream that is full before it begins. */
async function withMessages(consume: (server: NatsServer) => Promise<void>): Promise<number> {
  await using server = await startNats();
  const client = await connect({ servers: server.directUrl, token: server.token });
  const manager = await jetstreamManager(client);
  await manager.streams.add({ name: "ORDERS", subjects: ["orders"] });
  for (let index = 0; index < MESSAGES; index++) {
    client.publish("orders", JSON.stringify({ index }));
  }
  await client.flush();
  while ((await manager.streams.info("ORDERS")).state.messages < MESSAGES);
  await client.close();
  const startedAt = performance.now();
  await consume(server);
  return MESSAGES / (performance.now() - startedAt) * 1_000;
}

/** The same work with the library alone. */
async function consumeBare(server: NatsServer): Promise<void> {
  const client = await connect({ servers: server.directUrl, token: server.token });
  const manager = await jetstreamManager(client);
  await manager.consumers.add("ORDERS", {
    durable_name: "worker",
    ack_policy: AckPolicy.Explicit,
  });
  const consumer = await jetstream(client).consumers.get("ORDERS", "worker");
  let count = 0;
  for await (const message of await consumer.consume()) {
    JSON.parse(message.string());
    message.ack();
    if (++count === MESSAGES) break;
  }
  await client.drain();
}

async function consumeByTrigger(server: NatsServer, maxInFlight: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const host = new FakeTriggerHost({
    config: { nats_url: server.directUrl },
    secrets: { nats: { token: server.token } },
    run() {
      if (host.calls.length === MESSAGES) resolve();
      return null;
    },
  });
  const spec = queueSpec({ stream: "ORDERS", durable: "worker", maxInFlight });
  await using trigger = await openQueueTrigger(spec, host);
  await promise;
  await trigger.drain();
}
