import assert from "node:assert/strict";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { fakeIo } from "../cli/fake_io.ts";
import { runCli } from "../cli/run_cli.ts";
import { openQueueTrigger } from "../engine/triggers/nats/mod.ts";
import { findNats, startNats } from "./_nats_server.ts";
import { queueSpec } from "./_queue_spec.ts";
import { FakeTriggerHost } from "./_trigger_host.ts";

const nats = await findNats();
const CANARY = "s3cret-canary-of-a-customer";

/** A folder with a workflow that listens to `orders` and `refunds`, its secrets beside it. */
async function makeFolder(url: string, token: string): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "pd_dlq_" });
  await Deno.mkdir(`${dir}/.secrets`);
  await Deno.writeTextFile(`${dir}/.secrets/nats.json`, JSON.stringify({ token }));
  await Deno.writeTextFile(`${dir}/.secrets/shop.json`, JSON.stringify({ key: CANARY }));
  await Deno.writeTextFile(`${dir}/work.ts`, "export default () => null;\n");
  await Deno.writeTextFile(
    `${dir}/workflow.yaml`,
    `name: shop
version: "1.0"
triggers:
  - { type: queue, subjects: [orders, refunds], stream: SHOP, max_deliver: 1 }
nodes:
  work: { path: ./work.ts }
config: { nats_url: "${url}" }
`,
  );
  return dir;
}

Deno.test({
  name: "pd dlq lists, shows and replays dead letters, and says what is missing",
  ignore: nats.status === "missing",
  async fn() {
    await using server = await startNats();
    const dir = await makeFolder(server.url, server.token);
    const pd = async (...args: string[]) => {
      const io = fakeIo({ cwd: dir });
      const code = await runCli(["dlq", ...args], io);
      return { code, ...io.written };
    };
    const client = await connect({ servers: server.directUrl, token: server.token });
    try {
      const manager = await jetstreamManager(client);
      await manager.streams.add({ name: "SHOP", subjects: ["orders", "refunds"] });
      await manager.streams.add({ name: "SHOP_DLQ", subjects: ["orders.dlq"] });
      const host = new FakeTriggerHost({
        workflow: "shop",
        config: { nats_url: server.url },
        secrets: { nats: { token: server.token }, shop: { key: CANARY } },
        run: ({ input }) => {
          throw new Error(`cannot sell with ${CANARY}: ${JSON.stringify(input)}`);
        },
      });
      const spec = queueSpec({ subjects: ["orders", "refunds"], stream: "SHOP", maxDeliver: 1 });
      {
        await using _trigger = await openQueueTrigger(spec, host);
        const stream = jetstream(client);
        await stream.publish("orders", JSON.stringify({ id: 1, note: CANARY }), { msgID: "one" });
        await stream.publish("orders", '{"id":2}', { msgID: "two" });
        await host.until(() => host.counts.dead_lettered === 2);
      }

      const list = await pd("list");
      assert.equal(list.code, 0);
      assert.match(list.stdout, /^stream +seq +subject +failed at +attempts +error\n/);
      assert.equal(list.stdout.trim().split("\n").length, 3);
      assert.match(list.stderr, /no stream has that subject/);
      assert.match(list.stderr, /fix: nats stream add REFUNDS_DLQ --subjects="refunds.dlq"/);
      const json = JSON.parse((await pd("list", "--subject", "orders", "-o", "json")).stdout);
      assert.deepEqual(json.deadLetters[0].payload, { id: 1, note: "***" });
      assert.equal(json.deadLetters.length, 2);

      const show = await pd("show", "--seq", "1", "--subject", "orders.dlq");
      assert.match(show.stdout, /^error +node "work": cannot sell with \*\*\*/m);
      assert.match(show.stdout, /^payload +\{"id":1,"note":"\*\*\*"\}$/m);
      const missing = await pd("show", "--seq", "9", "--subject", "orders");
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /TARGET_NOT_FOUND/);

      const none = await pd("list", "--subject", "refunds");
      assert.equal(none.code, 1);
      assert.match(none.stderr, /TRIGGER_UNAVAILABLE/);

      const replay = await pd("replay", "--all", "--subject", "orders");
      assert.equal(replay.stdout, "replayed SHOP_DLQ 1 to orders\nreplayed SHOP_DLQ 2 to orders\n");
      const { state } = await manager.streams.info("SHOP_DLQ");
      assert.equal(state.messages, 0);
      const again = await manager.streams.getMessage("SHOP", { last_by_subj: "orders" });
      assert.equal(again?.string(), '{"id":2}');
      assert.equal(again.header.get("Nats-Msg-Id"), "two:replay-2");
      assert.equal((await pd("list", "--subject", "orders")).stderr, "no dead letters\n");

      for (const { stdout, stderr } of [list, show, missing, none, replay]) {
        assert.ok(!`${stdout}${stderr}`.includes(CANARY));
        assert.ok(!`${stdout}${stderr}`.includes(server.token));
      }
      assert.equal((await pd("replay")).code, 2);
      assert.equal((await pd("lst")).code, 2);
    } finally {
      await client.close();
      await Deno.remove(dir, { recursive: true });
    }
  },
});
