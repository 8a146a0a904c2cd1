import assert from "node:assert/strict";
import type { WebhookTriggerSpec } from "../spec/mod.ts";
import { openBench } from "./_webhook_bench.ts";

/** A delivery that verifies. Its signature comes from the source, or from OpenSSL, never from the engine. */
interface Vector {
  readonly name: string;
  readonly verify: NonNullable<WebhookTriggerSpec["verify"]>;
  readonly secret: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** When it was signed, in epoch seconds, where that is part of the scheme. */
  readonly signedAt?: number;
  /** The header that proves it. */
  readonly proof: string;
}

const VECTORS: readonly Vector[] = [
  {
    name: "GitHub's documented example",
    verify: "github",
    secret: "It's a Secret to Everybody",
    headers: {
      "x-github-event": "push",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-hub-signature-256":
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    },
    body: "Hello, World!",
    proof: "x-hub-signature-256",
  },
  {
    name: "GitLab's token",
    verify: "gitlab",
    secret: "glhook-6f1ed002ab5595859014ebf0951522d9",
    headers: {
      "content-type": "application/json",
      "x-gitlab-event": "Push Hook",
      "x-gitlab-event-uuid": "13792a34-cac6-4fda-95a8-c58e00a3954e",
      "idempotency-key": "f5e57bc3-e0ba-4a3b-8c06-6c5c1d2e8e0f",
      "x-gitlab-token": "glhook-6f1ed002ab5595859014ebf0951522d9",
    },
    body: '{"object_kind":"push","ref":"refs/heads/main"}',
    proof: "x-gitlab-token",
  },
  {
    name: "Slack's documented example",
    verify: "slack",
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": "1531420618",
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    },
    body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow" +
      "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner" +
      "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands" +
      "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
      "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    signedAt: 1_531_420_618,
    proof: "x-slack-signature",
  },
  {
    // printf '1492774577.%s' "$body" | openssl dgst -sha256 -hmac whsec_test_secret
    name: "Stripe's scheme, with the timestamp of its documentation",
    verify: "stripe",
    secret: "whsec_test_secret",
    headers: {
      "content-type": "application/json; charset=utf-8",
      "stripe-signature": "t=1492774577," +
        "v1=b47dba0dbf17c6b4d2f400d618767bb35f08b0da4ce0d4d80c1959e287ecbd68",
    },
    body: '{"id":"evt_test_webhook","object":"event","type":"invoice.paid"}',
    signedAt: 1_492_774_577,
    proof: "stripe-signature",
  },
  {
    name: "RFC 4231, test case 2",
    verify: "hmac",
    secret: "Jefe",
    headers: {
      "x-signature-256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    },
    body: "what do ya want for nothing?",
    proof: "x-signature-256",
  },
  {
    name: "a bearer token",
    verify: "token",
    secret: "deploy-7a1c9e",
    headers: { authorization: "Bearer deploy-7a1c9e", "idempotency-key": "build-7" },
    body: '{"ref":"main"}',
    proof: "authorization",
  },
];

function open({ verify, secret, signedAt }: Vector) {
  return openBench({ verify, secret: "hooks.key" }, {
    secrets: { hooks: { key: secret } },
    ...signedAt === undefined ? {} : { now: signedAt * 1000 + 60_000 },
  });
}

const REFUSED = { code: "WEBHOOK_REFUSED" };

for (const vector of VECTORS) {
  const { name, verify, headers, body, proof, signedAt } = vector;

  Deno.test(`${verify}: ${name} verifies and starts a run`, async () => {
    const { send, started } = open(vector);
    assert.deepEqual(await send(headers, body), {
      status: "accepted",
      runId: "run-1",
      isNew: true,
    });
    assert.equal(started.length, 1);
  });

  Deno.test(`${verify}: ${name} with a changed byte does not verify`, async () => {
    const { send, started, counts } = open(vector);
    // A token proves who speaks and says nothing of the body.
    const signs = verify !== "gitlab" && verify !== "token";
    const bodies = signs ? changedBytes(body) : [];
    // Hex may be written in capitals.
    const proofs = changedBytes(headers[proof] ?? "")
      .filter((changed) => changed.toLowerCase() !== headers[proof]?.toLowerCase());
    for (const changed of bodies) await assert.rejects(send(headers, changed), REFUSED, changed);
    for (const changed of proofs) {
      await assert.rejects(send({ ...headers, [proof]: changed }, body), REFUSED, changed);
    }
    assert.equal(counts.length, bodies.length + proofs.length);
    assert.equal(started.length, 0);
  });

  Deno.test(`${verify}: ${name} without its proof, or with an empty one, does not verify`, async () => {
    const { send, started } = open(vector);
    const { [proof]: _, ...rest } = headers;
    const proofs = ["", "sha256=", "v0=", "t=,v1=", "Bearer ", "Bearer", "=", ","];
    await assert.rejects(send(rest, body), REFUSED);
    for (const empty of proofs) {
      await assert.rejects(send({ ...rest, [proof]: empty }, body), REFUSED, empty);
    }
    assert.equal(started.length, 0);
  });

  Deno.test(`${verify}: ${name} under another secret does not verify`, async () => {
    const { send } = openBench({ verify, secret: "hooks.key" }, {
      secrets: { hooks: { key: `${vector.secret}x` } },
      ...signedAt === undefined ? {} : { now: signedAt * 1000 },
    });
    await assert.rejects(send(headers, body), REFUSED);
  });

  Deno.test(`${verify}: ${name} that comes again starts nothing`, async () => {
    const { send, started, counts } = open(vector);
    await send(headers, body);
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(await send(headers, body), {
        status: "accepted",
        runId: "run-1",
        isNew: false,
      });
    }
    assert.equal(started.length, 1);
    assert.deepEqual(counts, Array(3).fill("/hook redelivered 1"));
  });

  if (signedAt === undefined) continue;

  Deno.test(`${verify}: ${name} is refused when it is old, or of the future`, async () => {
    const { send, clock, started } = openBench({ verify, secret: "hooks.key" }, {
      secrets: { hooks: { key: vector.secret } },
      now: signedAt * 1000 - 300_001,
    });
    await assert.rejects(send(headers, body), REFUSED);
    await clock.advance(1);
    assert.equal((await send(headers, body)).status, "accepted");
    await clock.advance(600_000);
    assert.equal((await send(headers, body)).status, "accepted");
    await clock.advance(1);
    await assert.rejects(send(headers, body), REFUSED);
    assert.equal(started.length, 1);
  });

  Deno.test(`${verify}: ${name} is as old as tolerance allows, and remembered for longer`, async () => {
    const toleranceMs = 72 * 3_600_000;
    const { send, started } = openBench({ verify, secret: "hooks.key", toleranceMs }, {
      secrets: { hooks: { key: vector.secret } },
      now: signedAt * 1000 + toleranceMs,
    });
    await send(headers, body);
    assert.equal(started[0]?.start.idempotency?.ttlMs, 2 * toleranceMs);
  });

  Deno.test(`${verify}: ${name} with a newer timestamp than was signed does not verify`, async () => {
    const { send } = open(vector);
    const newer = Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [
        key,
        value.replace(String(signedAt), String(signedAt + 30)),
      ]),
    );
    await assert.rejects(send(newer, body), REFUSED);
  });
}

Deno.test("stripe: any of several v1 signatures is enough, as while a secret is rolled, and no v0", async () => {
  const vector = VECTORS.find(({ verify }) => verify === "stripe") as Vector;
  const { send } = open(vector);
  const header = vector.headers["stripe-signature"] ?? "";
  const rolled = header.replace("v1=", `v1=${"0".repeat(64)},v1=`);
  assert.equal(
    (await send({ ...vector.headers, "stripe-signature": `${rolled},v0=1` }, vector.body)).status,
    "accepted",
  );
  await assert.rejects(
    send({ ...vector.headers, "stripe-signature": header.replace("v1=", "v0=") }, vector.body),
    REFUSED,
  );
});

Deno.test("hmac: the signature may have sha256= in front, and stand in any of the known headers", async () => {
  const vector = VECTORS.find(({ verify }) => verify === "hmac") as Vector;
  const mac = vector.headers["x-signature-256"] ?? "";
  for (const name of ["x-signature-256", "x-signature", "x-hub-signature-256"]) {
    for (const value of [mac, mac.toUpperCase(), `sha256=${mac}`]) {
      const { send } = open(vector);
      assert.equal((await send({ [name]: value }, vector.body)).status, "accepted", name);
    }
  }
});

/** The text with each of its characters replaced, one at a time. */
function changedBytes(text: string): string[] {
  return [...text].map((char, index) =>
    text.slice(0, index) + (char === "1" ? "2" : "1") + text.slice(index + 1)
  );
}
