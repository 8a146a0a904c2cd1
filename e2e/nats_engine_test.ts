/** Messages of JetStream over a real engine: its own process, hosts and storage, and everything killed and cut. */
import assert from "node:assert/strict";
import { AckPolicy } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { systemClock } from "../engine/clock/mod.ts";
import { seededRandom } from "../engine/compiler/mod.ts";
import { openStorage, type StoredRun } from "../engine/storage/mod.ts";
import { type NatsClient, natsClient, untilSettled } from "./_nats_client.ts";
import { findNats, type NatsServer, startNats } from "./_nats_server.ts";
import { OrderShop } from "./_order_shop.ts";
import { pd } from "./_pd_process.ts";

const nats = await findNats();
const SEED = 20264;
const ORDERS = 1_000;
const POISON = ["order-100", "order-500", "order-900"];
/** Sent a second time, after the server has forgotten their ids. */
const REPEATED = 20;

/** Streams of orders and of dead letters, and a consumer that waits a second for what an engine took along. */
async function prepare({ manager }: NatsClient): Promise<void> {
  await manager.streams.add({
    name: "ORDERS",
    subjects: ["orders"],
    duplicate_window: nanos(100),
  });
  await manager.streams.add({ name: "ORDERS_DLQ", subjects: ["orders.dlq"] });
  await manager.consumers.add("ORDERS", {
    durable_name: "worker",
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(1_000),
    filter_subject: "orders",
  });
}

/** Every third order has no id of its own: its place in the stream stands for it. */
function hasId(index: number): boolean {
  return index % 3 !== 0;
}

async function send(
  { stream }: NatsClient,
  index: number,
): Promise<{ readonly duplicate: boolean }> {
  const id = `order-${index}`;
  const body = JSON.stringify(POISON.includes(id) ? { id, poison: true } : { id });
  return await stream.publish("orders", body, hasId(index) ? { msgID: id } : {});
}

/** Every run of the storage, by the order that it was started for. */
async function runsByOrder({ storageUrl }: OrderShop): Promise<Map<string, StoredRun[]>> {
  await using storage = await openStorage(storageUrl, { clock: systemClock });
  const runs = new Map<string, StoredRun[]>();
  let before: string | undefined;
  for (;;) {
    const page = await storage.listRuns({ limit: 500, ...before === undefined ? {} : { before } });
    for (const { runId } of page) {
      const run = await storage.getRun(runId);
      assert.ok(run !== undefined);
      const { id } = run.input as { id: string };
      runs.set(id, [...runs.get(id) ?? [], run]);
    }
    before = page.at(-1)?.runId;
    if (before === undefined) return runs;
  }
}

/** What is done to the engine, the server and the wire, and after how many orders. */
function planOf(
  deeds: { readonly [deed: string]: () => Promise<void> },
): { readonly after: number; readonly deed: string; readonly run: () => Promise<void> }[] {
  const random = seededRandom(SEED);
  const order = Object.keys(deeds).flatMap((deed) => [deed, deed, deed])
    .map((deed) => ({ deed, key: random() })).sort((a, b) => a.key - b.key);
  return order.map(({ deed }, index) => ({
    after: Math.floor((index + 0.2 + random() * 0.6) * (ORDERS - 100) / order.length),
    deed,
    run: deeds[deed] as () => Promise<void>,
  }));
}

Deno.test({
  name:
    "each message is one run, whatever is killed and cut, and poison is given up and brought back",
  ignore: nats.status === "missing",
  async fn() {
    await using server = await startNats();
    {
      await using client = await natsClient(server);
      await prepare(client);
      await Promise.all(Array.from({ length: ORDERS }, (_, index) => send(client, index)));
    }
    await using shop = await OrderShop.open(server);
    await shop.start();
    const plan = planOf({
      async killServer() {
        await server.kill();
        await server.start();
      },
      cut() {
        server.cutConnections();
        return Promise.resolve();
      },
      async killEngine() {
        await shop.kill();
        await shop.start();
      },
      async stopEngine() {
        await shop.stop();
        await shop.start();
      },
    });
    for (const { after, deed, run } of plan) {
      await shop.until(after);
      assert.ok(shop.begun < ORDERS, `${deed} comes too late`);
      await run();
    }
    {
      await using client = await natsClient(server);
      for (let index = 1; index < 3 * REPEATED; index += 3) {
        while ((await send(client, index)).duplicate);
      }
      await shop.until(ORDERS);
      await untilSettled(client);
    }
    await shop.stop();

    const runs = await runsByOrder(shop);
    assert.equal(runs.size, ORDERS);
    for (const [id, own] of runs) {
      const isPoison = POISON.includes(id);
      assert.equal(own.length, isPoison ? 3 : 1, `${id}: ${JSON.stringify(own)}`);
      for (const { status } of own) assert.equal(status, isPoison ? "failed" : "succeeded", id);
    }
    assert.equal(new Set(shop.attempts).size, shop.attempts.length, "an attempt was made twice");
    assert.ok(shop.attempts.some((attempt) => attempt.endsWith(" 2")), "no kill met a run");

    await bringBack(shop, server);
  },
});

/** The dead letters say why; once the node is fixed they are replayed, and succeed. */
async function bringBack(shop: OrderShop, server: NatsServer): Promise<void> {
  const place = { cwd: shop.dir, env: {} };
  const listed = await pd(["dlq", "list", "-o", "json"], place);
  assert.equal(listed.code, 0, listed.stderr);
  const { deadLetters } = JSON.parse(listed.stdout);
  assert.deepEqual(
    deadLetters.map(({ error }: { readonly error: string }) => error).sort(),
    POISON.map((id) => `node "price": no price is known for ${id}`),
  );
  for (const { code, attempts, subject } of deadLetters) {
    assert.deepEqual([code, attempts, subject], ["NODE_FAILED", 3, "orders"]);
  }
  await shop.fixNode();
  await shop.start();
  const replayed = await pd(["dlq", "replay", "--all", "--subject", "orders"], place);
  assert.equal(replayed.code, 0, replayed.stderr);
  await using client = await natsClient(server);
  await untilSettled(client);
  await shop.stop();
  const runs = await runsByOrder(shop);
  for (const id of POISON) {
    const statuses = runs.get(id)?.map(({ status }) => status).sort();
    assert.deepEqual(statuses, ["failed", "failed", "failed", "succeeded"]);
  }
}
