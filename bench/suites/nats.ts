import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { findNats, type NatsServer, startNats } from "../../e2e/_nats_server.ts";
import { queueSpec } from "../../e2e/_queue_spec.ts";
import { FakeTriggerHost } from "../../e2e/_trigger_host.ts";
import { systemClock } from "../../engine/clock/mod.ts";
import { openStorage } from "../../engine/storage/mod.ts";
import { keepTriggers } from "../../engine/triggers/mod.ts";
import { openQueueTrigger } from "../../engine/triggers/nats/mod.ts";
import { openWorkflow } from "../../engine/workflow/mod.ts";
import type { Row, Suite } from "../harness.ts";
import { WorkflowFolder } from "../_workflow_folder.ts";

/** What it costs that messages of JetStream start runs. */
export const suite: Suite = { name: "nats", measure: measureNats };

const MESSAGES = 20_000;
const NOTHING = "export default () => null;\n";

async function measureNats(): Promise<readonly Row[]> {
  if ((await findNats()).status === "missing") return [];
  const bare = await withMessages(consumeBare);
  const rows: Row[] = [];
  const fake = new Map<number, number>();
  for (const maxInFlight of [16, 64]) {
    const figure = await withMessages((server) => consumeByTrigger(server, maxInFlight));
    fake.set(maxInFlight, figure);
    rows.push({
      what: `JetStream, the trigger alone, max_in_flight ${maxInFlight}`,
      figure,
      unit: "runs/s",
      baseline: { what: "consume and acknowledge", figure: bare },
    });
  }
  for (const isolation of ["none", "process"] as const) {
    for (const maxInFlight of [16, 64]) {
      const place = isolation === "none" ? "isolation none" : "in hosts";
      rows.push({
        what: `JetStream, stored runs that do nothing, ${place}, max_in_flight ${maxInFlight}`,
        figure: await withMessages((server) => {
          return consumeByWorkflow(server, { isolation, maxInFlight });
        }),
        unit: "runs/s",
        baseline: { what: "the trigger alone", figure: fake.get(maxInFlight) ?? NaN },
        target: { atLeast: 1_500 },
      });
    }
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

/** The whole engine with its storage in a file, from its opening to the last acknowledgement. */
async function consumeByWorkflow(
  server: NatsServer,
  { isolation, maxInFlight }: {
    readonly isolation: "none" | "process";
    readonly maxInFlight: number;
  },
): Promise<void> {
  await using folder = await WorkflowFolder.chain(1, NOTHING, isolation);
  const { dir } = folder;
  await Deno.mkdir(`${dir}/.secrets`);
  await Deno.writeTextFile(`${dir}/.secrets/nats.json`, JSON.stringify({ token: server.token }));
  const yaml = `triggers:
  - { type: queue, subject: orders, stream: ORDERS, durable: worker, max_in_flight: ${maxInFlight} }
config: { nats_url: "${server.directUrl}" }
`;
  await Deno.writeTextFile(`${dir}/workflow.yaml`, yaml, { append: true });
  await using storage = await openStorage(`sqlite://${dir}/runs.db`, { clock: systemClock });
  await using workflow = await openWorkflow({ dir, storage });
  await workflow.ready();
  const { promise, resolve } = Promise.withResolvers<void>();
  let ended = 0;
  workflow.subscribe(({ kind }) => {
    if (kind === "run.succeeded" && ++ended === MESSAGES) resolve();
  });
  await using triggers = await keepTriggers(workflow, {
    clock: systemClock,
    random: Math.random,
    cron: "engine",
    insecureWebhooks: false,
    log() {},
  });
  await triggers.begin();
  await promise;
  await triggers.drain();
}
