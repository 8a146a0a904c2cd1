import assert from "node:assert/strict";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { createUser } from "@nats-io/nkeys";
import type { Secrets } from "../engine/context/mod.ts";
import { PdError } from "../engine/errors/mod.ts";
import { openQueueTrigger } from "../engine/triggers/nats/mod.ts";
import { makeJwtSetup } from "./_nats_jwt.ts";
import { findNats, type NatsServer, startNats } from "./_nats_server.ts";
import { queueSpec } from "./_queue_spec.ts";
import { FakeTriggerHost } from "./_trigger_host.ts";

const nats = await findNats();

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `a queue trigger ${name}`, ignore: nats.status === "missing", fn });
}

function hostOf(
  server: NatsServer,
  run: ConstructorParameters<typeof FakeTriggerHost>[0]["run"] = ({ input }) => input,
): FakeTriggerHost {
  return new FakeTriggerHost({
    config: { nats_url: server.url },
    secrets: { nats: { token: server.token } },
    run,
  });
}

async function clientOf(server: NatsServer): Promise<NatsConnection & AsyncDisposable> {
  const tls = server.caFile === undefined ? {} : { tls: { caFile: server.caFile } };
  const client = await connect({ servers: server.directUrl, token: server.token, ...tls });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

test("of core NATS turns JSON, text, bytes and nothing into inputs", async () => {
  await using server = await startNats();
  const host = hostOf(server);
  await using _trigger = await openQueueTrigger(queueSpec({ subjects: ["in.>"] }), host);
  await using client = await clientOf(server);
  const typed = (type: string) => {
    const made = headers();
    made.set("Content-Type", type);
    return { headers: made };
  };
  client.publish("in.json", '{"order": 7}');
  client.publish("in.text", "order 7");
  client.publish("in.plain", "7", typed("text/plain; charset=utf-8"));
  client.publish("in.bytes", new Uint8Array([0, 255, 128]));
  client.publish("in.png", "PNG", typed("image/png"));
  client.publish("in.nothing");
  await host.until(() => host.calls.length === 6);
  assert.deepEqual(host.calls.map(({ input }) => input), [
    { order: 7 },
    "order 7",
    "7",
    { base64: "AP+A", content_type: "application/octet-stream" },
    { base64: "UE5H", content_type: "image/png" },
    {},
  ]);
  assert.deepEqual(host.calls[4]?.trigger, {
    type: "queue",
    name: "in.>",
    subject: "in.png",
    headers: { "Content-Type": "image/png" },
  });
});

test("of core NATS answers on the reply subject with the result", async () => {
  await using server = await startNats();
  const host = hostOf(server, ({ input }) => {
    if (input === "fail") throw new Error(`no way, ${server.token}`);
    return `hello ${input}, ${server.token}`;
  });
  await using _trigger = await openQueueTrigger(queueSpec({ subjects: ["greet"] }), host);
  await using client = await clientOf(server);
  const good = (await client.request("greet", "Ada")).json<Record<string, unknown>>();
  assert.deepEqual(good["outputs"], { work: "hello Ada, ***" });
  assert.equal(good["success"], true);
  assert.equal(good["runId"], host.calls[0]?.runId);
  assert.match(String(host.calls[0]?.trigger["reply"]), /^_INBOX\./);
  const bad = (await client.request("greet", "fail")).json<Record<string, unknown>>();
  assert.deepEqual(bad["errors"], { work: "NODE_FAILED: no way, ***" });
  host.refusals.push(
    Object.assign(new PdError(`the queue is full of ${server.token}`), { code: "QUEUE_FULL" }),
  );
  const refused = (await client.request("greet", "Bob")).json<Record<string, unknown>>();
  assert.deepEqual(refused, {
    success: false,
    error: { code: "QUEUE_FULL", message: "the queue is full of ***" },
  });
  assert.equal(host.counts.refused, 1);
  assert.ok(!host.logText().includes(server.token));
});

test("starts one run for a message that matches several of its subjects", async () => {
  await using server = await startNats();
  const host = hostOf(server);
  const spec = queueSpec({ subjects: ["a.*", "a.b", "c"] });
  await using _trigger = await openQueueTrigger(spec, host);
  await using client = await clientOf(server);
  for (const subject of ["a.b", "a.x", "a.b.c", "c"]) client.publish(subject, subject);
  await client.flush();
  await host.until(() => host.calls.some(({ input }) => input === "c"));
  assert.deepEqual(host.calls.map(({ input }) => input), ["a.b", "a.x", "c"]);
});

test("shares messages among the engines of a queue group", async () => {
  await using server = await startNats();
  const spec = queueSpec({ subjects: ["jobs"], queueGroup: "workers" });
  const [one, two] = [hostOf(server), hostOf(server)];
  await using _one = await openQueueTrigger(spec, one);
  await using _two = await openQueueTrigger(spec, two);
  await using client = await clientOf(server);
  const sent = Array.from({ length: 200 }, (_, index) => index);
  for (const index of sent) {
    await client.request("jobs", JSON.stringify(index));
  }
  const got = [...one.calls, ...two.calls].map(({ input }) => Number(input));
  assert.deepEqual(got.sort((a, b) => a - b), sent);
  assert.ok(one.calls.length > 20 && two.calls.length > 20, "both get their part");
});

test("works over TLS with an authority of its own, and refuses one that it does not know", async () => {
  await using server = await startNats({ tls: true });
  const config = { nats_url: server.url };
  const secrets = { nats: { token: server.token } };
  const ca = await Deno.readTextFile(server.caFile ?? "");
  const run = () => "done";
  const file = new FakeTriggerHost({
    config: { ...config, nats_ca: server.caFile ?? "" },
    secrets,
    run,
  });
  const secret = new FakeTriggerHost({
    config,
    secrets: { nats: { token: server.token, ca } },
    run,
  });
  const unknown = new FakeTriggerHost({ config, secrets, run });
  await using _file = await openQueueTrigger(queueSpec({ subjects: ["by.file"] }), file);
  await using _secret = await openQueueTrigger(queueSpec({ subjects: ["by.secret"] }), secret);
  await using _unknown = await openQueueTrigger(queueSpec({ subjects: ["by.file"] }), unknown);
  await using client = await clientOf(server);
  assert.equal((await client.request("by.file")).json<{ success: boolean }>().success, true);
  assert.equal((await client.request("by.secret")).json<{ success: boolean }>().success, true);
  assert.equal(unknown.calls.length, 0);
  assert.match(unknown.logText(), /warn TRIGGER_UNAVAILABLE: .*nats_ca/);
});

const user = createUser();
const jwt = makeJwtSetup();
const CREDENTIALS: readonly {
  readonly name: string;
  readonly authorization: string;
  readonly config?: string;
  readonly secrets: Secrets;
}[] = [
  {
    name: "a user and password",
    authorization: 'users: [{ user: ada, password: "s3cret-word" }]',
    secrets: { nats: { user: "ada", password: "s3cret-word" } },
  },
  {
    name: "an nkey",
    authorization: `users: [{ nkey: ${user.getPublicKey()} }]`,
    secrets: { nats: { nkey: new TextDecoder().decode(user.getSeed()) } },
  },
  {
    name: "the creds of a JWT",
    authorization: "",
    config: jwt.config,
    secrets: { nats: { creds: jwt.creds } },
  },
];

for (const { name, authorization, config: more = "", secrets } of CREDENTIALS) {
  test(`logs in with ${name}`, async () => {
    await using server = await startNats({ authorization, config: more });
    const config = { nats_url: server.url };
    const host = new FakeTriggerHost({ config, secrets, run: ({ input }) => input });
    await using _trigger = await openQueueTrigger(queueSpec({ subjects: ["a"] }), host);
    assert.match(host.logText(), /^info connected to /);
    for (const value of Object.values(secrets["nats"] ?? {})) {
      assert.ok(value.length < 5 || !host.logText().includes(value));
    }
  });
}

test("warns of a wrong token with a fix, and goes on", async () => {
  await using server = await startNats();
  const secrets = { nats: { token: "wrong-token-canary" } };
  const host = new FakeTriggerHost({
    config: { nats_url: server.url },
    secrets,
    run: () => 1,
  });
  await using _trigger = await openQueueTrigger(queueSpec({ subjects: ["a"] }), host);
  const [warning] = host.lines;
  assert.equal(warning?.level, "warn");
  assert.match(warning.message, /^TRIGGER_UNAVAILABLE: .* refuses the token of the secrets$/);
  assert.match(String(warning.fields["fix"]), /\.secrets\/nats\.json/);
  assert.ok(!host.logText().includes("wrong-token-canary"));
});

test("goes on without a url, without a token and without a server", async () => {
  const run = () => 1;
  const noUrl = new FakeTriggerHost({ secrets: { nats: { token: "some-token" } }, run });
  await using _noUrl = await openQueueTrigger(queueSpec(), noUrl);
  assert.match(noUrl.logText(), /^warn TRIGGER_UNAVAILABLE: .*config\.nats_url.*nats:\/\/127/);

  await using server = await startNats();
  const noToken = new FakeTriggerHost({ config: { nats_url: server.url }, run });
  await using _noToken = await openQueueTrigger(queueSpec(), noToken);
  assert.match(noToken.logText(), /warn TRIGGER_UNAVAILABLE: .*hold no token/);
  assert.match(noToken.logText(), /the server wants credentials/);

  await server.stop();
  const noServer = hostOf(server);
  await using _noServer = await openQueueTrigger(queueSpec({ subjects: ["late"] }), noServer);
  assert.match(noServer.logText(), /^warn TRIGGER_UNAVAILABLE: /);
  await server.start();
  await noServer.until(() => /connected to/.test(noServer.logText()));
  await using client = await clientOf(server);
  assert.equal((await client.request("late")).json<{ success: boolean }>().success, true);
});

test("comes back after its connection was cut and its server killed", async () => {
  await using server = await startNats();
  const host = hostOf(server);
  await using _trigger = await openQueueTrigger(queueSpec({ subjects: ["a"] }), host);
  const connections = () => host.lines.filter(({ message }) => message.startsWith("connected"));
  server.cutConnections();
  await host.until(() => connections().length === 2);
  await server.kill();
  await host.until(() => host.lines.filter(({ level }) => level === "warn").length >= 2);
  await server.start();
  await host.until(() => connections().length === 3);
  await using client = await clientOf(server);
  assert.equal((await client.request("a", "1")).json<{ success: boolean }>().success, true);
});

test("finishes what it has taken when it drains, and takes nothing more", async () => {
  await using server = await startNats();
  const go = Promise.withResolvers<void>();
  const host = hostOf(server, async () => {
    await go.promise;
    return "late";
  });
  await using trigger = await openQueueTrigger(
    queueSpec({ subjects: ["slow"], maxInFlight: 2 }),
    host,
  );
  await using client = await clientOf(server);
  const replies = [1, 2, 3].map((input) => client.request("slow", `${input}`, { timeout: 10_000 }));
  await client.flush();
  await host.until(() => host.calls.length === 2);
  const drained = trigger.drain();
  await client.flush();
  go.resolve();
  await drained;
  assert.equal(host.calls.length, 3);
  for (const reply of replies) {
    assert.deepEqual((await reply).json<{ outputs: unknown }>().outputs, { work: "late" });
  }
  await assert.rejects(client.request("slow", "4", { timeout: 1_000 }), /no responders/i);
  assert.equal(host.mostAtOnce, 2);
});

test("ends at once while its server is away", async () => {
  await using server = await startNats();
  const host = hostOf(server);
  await using trigger = await openQueueTrigger(queueSpec({ subjects: ["a"] }), host);
  await server.kill();
  await host.until(() => /lost the connection/.test(host.logText()));
  await trigger.drain();
});
