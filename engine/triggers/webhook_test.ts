import assert from "node:assert/strict";
import { openBench } from "./_webhook_bench.ts";

const TOKEN = { verify: "token", secret: "hooks.token" } as const;
const SECRETS = { hooks: { token: "let-me-in-7" } };
const AUTH = { authorization: "Bearer let-me-in-7" };
const JSON_TYPE = { "content-type": "application/json" };

Deno.test("a body becomes the input: JSON, the fields of a form, its payload, or text", async () => {
  const form = "application/x-www-form-urlencoded";
  const cases: readonly [name: string, type: string | undefined, body: string, want: unknown][] = [
    ["JSON", "application/json", '{"a":1}', { a: 1 }],
    ["JSON with a charset", "application/json; charset=utf-8", "[1]", [1]],
    ["JSON of a vendor", "application/vnd.api+json", "7", 7],
    ["nothing", "application/json", "", {}],
    ["blanks", undefined, " \n", {}],
    ["GitHub's form", form, "payload=%7B%22zen%22%3A%22Keep+it%22%7D", { zen: "Keep it" }],
    ["a form", form, "command=%2Fdeploy&text=a+b&x=1&x=2", {
      command: "/deploy",
      text: "a b",
      x: ["1", "2"],
    }],
    ["what curl -d sends", form, '{"a":1}', { a: 1 }],
    ["text", "text/plain", '{"a":1}', { body: '{"a":1}' }],
    ["XML", "application/xml", "<a/>", { body: "<a/>" }],
    ["JSON without a type", undefined, '{"a":1}', { a: 1 }],
    ["text without a type", undefined, "hello", { body: "hello" }],
  ];
  for (const [name, type, body, want] of cases) {
    const { send, started } = openBench(TOKEN, { secrets: SECRETS });
    await send({ ...AUTH, ...type === undefined ? {} : { "content-type": type } }, body);
    assert.deepEqual(started[0]?.input, want, name);
  }
});

Deno.test("a body that cannot be read is refused, once its sender is known", async () => {
  const cases: readonly [Record<string, string>, string | Uint8Array, string][] = [
    [JSON_TYPE, "{", "BAD_REQUEST"],
    [{ "content-type": "application/x-www-form-urlencoded" }, "payload=%7B", "BAD_REQUEST"],
    [JSON_TYPE, new Uint8Array([0x22, 0xff, 0x22]), "UNSUPPORTED_MEDIA_TYPE"],
    [{ ...JSON_TYPE, "content-encoding": "gzip" }, "{}", "UNSUPPORTED_MEDIA_TYPE"],
    [{ "content-type": "multipart/form-data; boundary=x" }, "--x--", "UNSUPPORTED_MEDIA_TYPE"],
  ];
  const { send, started } = openBench(TOKEN, { secrets: SECRETS });
  for (const [headers, body, code] of cases) {
    await assert.rejects(send({ ...AUTH, ...headers }, body), { code });
    await assert.rejects(send(headers, body), { code: "WEBHOOK_REFUSED" });
  }
  assert.equal(started.length, 0);
});

Deno.test("nodes see what was delivered, and nothing that proves the sender", async () => {
  const { send, started } = openBench({ ...TOKEN, name: "deploys", path: "/deploy" }, {
    secrets: SECRETS,
  });
  await send({
    ...AUTH,
    ...JSON_TYPE,
    "idempotency-key": "build-7",
    "user-agent": "ci/1",
    cookie: "session=1",
    "x-signature": "1",
    "x-forwarded-for": "10.0.0.1",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  }, '{"type":"built"}');
  assert.deepEqual(started[0]?.start, {
    trigger: {
      type: "webhook",
      name: "deploys",
      path: "/deploy",
      event: "built",
      delivery: "build-7",
      headers: {
        "content-type": "application/json",
        "idempotency-key": "build-7",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "user-agent": "ci/1",
      },
    },
    idempotency: { scope: "webhook:/deploy", key: "build-7", ttlMs: 86_400_000 },
  });
});

Deno.test("events: starts runs of those events alone, by the name that each sender gives them", async () => {
  const cases: readonly [
    name: string,
    verify: "github" | "gitlab" | "token",
    headers: Record<string, string>,
    body: string,
    hits: readonly string[],
  ][] = [
    ["GitHub", "github", { "x-github-event": "pull_request" }, '{"action":"opened"}', [
      "pull_request",
      "pull_request.opened",
    ]],
    ["GitLab", "gitlab", { "x-gitlab-event": "Push Hook" }, '{"object_kind":"push"}', [
      "Push Hook",
      "push",
    ]],
    ["any other by type", "token", {}, '{"type":"build.done"}', ["build.done"]],
    ["any other by event", "token", {}, '{"event":"deployed"}', ["deployed"]],
  ];
  for (const [name, verify, headers, body, hits] of cases) {
    for (const event of [...hits, "other"]) {
      const { send, started } = openBench({ verify, secret: "hooks.token", events: [event] }, {
        secrets: SECRETS,
      });
      const proof = verify === "github"
        ? { "x-hub-signature-256": `sha256=${await hmacHex("let-me-in-7", body)}` }
        : verify === "gitlab"
        ? { "x-gitlab-token": "let-me-in-7" }
        : AUTH;
      const { status } = await send({ ...JSON_TYPE, ...headers, ...proof }, body);
      assert.equal(status, hits.includes(event) ? "accepted" : "ignored", `${name} ${event}`);
      assert.equal(started.length, hits.includes(event) ? 1 : 0);
    }
  }
});

Deno.test("Slack's challenge is answered once it verifies, and starts no run", async () => {
  const body =
    '{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}';
  const headers = {
    ...JSON_TYPE,
    "x-slack-request-timestamp": "1531420618",
    // printf 'v0:1531420618:%s' "$body" | openssl dgst -sha256 -hmac 8f742231b10e8888abcd99yyyzzz85a5
    "x-slack-signature": "v0=2b617e8d1eba789c3e90a54b772adadfc772137987c87d3c1e4129005632e406",
  };
  const { send, started } = openBench({
    verify: "slack",
    secret: "slack.signing_secret",
    events: ["message"],
  }, {
    secrets: { slack: { signing_secret: "8f742231b10e8888abcd99yyyzzz85a5" } },
    now: 1_531_420_618_000,
  });
  assert.deepEqual(await send(headers, body), {
    status: "greeted",
    greeting: {
      kind: "text",
      text: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
    },
  });
  await assert.rejects(send({ ...headers, "x-slack-signature": "v0=00" }, body), {
    code: "WEBHOOK_REFUSED",
  });
  assert.equal(started.length, 0);
});

Deno.test("GitHub's ping is answered, and starts a run only where events: asks for it", async () => {
  const body = '{"zen":"Design for failure."}';
  const headers = {
    ...JSON_TYPE,
    "x-github-event": "ping",
    "x-hub-signature-256": `sha256=${await hmacHex("let-me-in-7", body)}`,
  };
  const cases = [[undefined, "greeted"], [["push"], "greeted"], [["ping"], "accepted"]] as const;
  for (const [events, status] of cases) {
    const { send } = openBench({ verify: "github", secret: "hooks.token", events }, {
      secrets: SECRETS,
    });
    assert.equal((await send(headers, body)).status, status);
  }
});

Deno.test("a key tells repetitions: by delivery id, by event id, or by the body where only that is signed", async () => {
  const gitlab = { "x-gitlab-token": "let-me-in-7" };
  const cases: readonly [
    name: string,
    verify: "gitlab" | "token" | "hmac",
    first: readonly [Record<string, string>, string],
    second: readonly [Record<string, string>, string],
    isSame: boolean,
  ][] = [
    [
      "GitLab tries again",
      "gitlab",
      [{ ...gitlab, "idempotency-key": "a", "x-gitlab-event-uuid": "1" }, "{}"],
      [{ ...gitlab, "idempotency-key": "a", "x-gitlab-event-uuid": "2" }, "{}"],
      true,
    ],
    [
      "one GitLab webhook sets off another",
      "gitlab",
      [{ ...gitlab, "x-gitlab-event-uuid": "1" }, '{"n":1}'],
      [{ ...gitlab, "x-gitlab-event-uuid": "1" }, '{"n":2}'],
      false,
    ],
    ["a token without a key", "token", [AUTH, "{}"], [AUTH, "{}"], false],
    [
      "a token with two keys",
      "token",
      [{ ...AUTH, "idempotency-key": "a" }, "{}"],
      [{ ...AUTH, "idempotency-key": "b" }, "{}"],
      false,
    ],
    [
      "hmac under an id that nobody signed",
      "hmac",
      [{ "x-signature": await hmacHex("let-me-in-7", "{}"), "idempotency-key": "a" }, "{}"],
      [{ "x-signature": await hmacHex("let-me-in-7", "{}"), "idempotency-key": "b" }, "{}"],
      true,
    ],
    [
      "hmac in capitals, in another header",
      "hmac",
      [{ "x-signature": await hmacHex("let-me-in-7", "{}") }, "{}"],
      [{ "x-signature-256": (await hmacHex("let-me-in-7", "{}")).toUpperCase() }, "{}"],
      true,
    ],
  ];
  for (const [name, verify, first, second, isSame] of cases) {
    const { send, started } = openBench({ verify, secret: "hooks.token" }, { secrets: SECRETS });
    await send(...first);
    const again = await send(...second);
    assert.equal(again.status === "accepted" && again.isNew, !isSame, name);
    assert.equal(started.length, isSame ? 1 : 2, name);
  }
});

Deno.test("a key that is long or odd is kept by its digest", async () => {
  const { send, started } = openBench(TOKEN, { secrets: SECRETS });
  for (const key of ["k".repeat(5000), "a b\u00e9"]) {
    await send({ ...AUTH, "idempotency-key": key }, "{}");
  }
  for (const { start } of started) assert.match(start.idempotency?.key ?? "", /^[0-9a-f]{64}$/);
});

Deno.test("without verify nothing is taken, unless the engine was started to", async () => {
  const closed = openBench({ path: "/open" });
  await assert.rejects(closed.send({}, "{}"), {
    code: "WEBHOOK_UNVERIFIED",
    fix: /verify: hmac.*--insecure-webhooks/,
  });
  assert.match(closed.log[0] ?? "", /^warn WEBHOOK_UNVERIFIED .*"trigger":"\/open"/);
  const open = openBench({ path: "/open" }, { insecure: true });
  assert.equal((await open.send({}, "{}")).status, "accepted");
  assert.match(open.log[0] ?? "", /^warn anybody who reaches \/hooks\/open starts a run/);
  const verified = openBench(TOKEN, { secrets: SECRETS, insecure: true });
  await assert.rejects(verified.send({}, "{}"), { code: "WEBHOOK_REFUSED" });
});

Deno.test("a missing or empty secret refuses everything and names the file to write", async () => {
  for (const secrets of [{}, { hooks: {} }, { hooks: { token: "" } }]) {
    for (const verify of ["github", "gitlab", "slack", "stripe", "hmac", "token"] as const) {
      const bench = openBench({ verify, secret: "hooks.token" }, { secrets });
      const empty = await hmacHex("\0", "{}");
      const headers = {
        authorization: "Bearer ",
        "x-gitlab-token": "",
        "x-signature": empty,
        "x-hub-signature-256": `sha256=${empty}`,
      };
      await assert.rejects(bench.send(headers, "{}"), {
        code: "TRIGGER_UNAVAILABLE",
        fix: `mkdir -p .secrets && echo '{"token":"…"}' > .secrets/hooks.json`,
      });
      assert.match(bench.log[0] ?? "", /^warn TRIGGER_UNAVAILABLE .*"hooks\.token" is missing/);
    }
  }
});

Deno.test("a secret named by its service alone is that service's file", async () => {
  const { send } = openBench({ verify: "token", secret: "hooks" }, {
    secrets: { hooks: { value: "plain-text-1" } },
  });
  assert.equal((await send({ "x-webhook-token": "plain-text-1" }, "{}")).status, "accepted");
});

Deno.test("what was wrong with a delivery is in the log alone, and not once a delivery", async () => {
  const { send, log, clock, counts } = openBench(TOKEN, { secrets: SECRETS });
  const tries = [{}, { authorization: "Bearer no" }, { authorization: "Basic eDp5" }];
  for (const headers of tries) {
    await assert.rejects(send(headers, "canary"), {
      message: `Cannot take this delivery at "/hooks/hook" as its sender's: it is not verified`,
    });
  }
  assert.deepEqual(log, [
    "warn a delivery to /hooks/hook was refused: it has neither authorization: Bearer nor " +
    'x-webhook-token {"trigger":"/hook"}',
  ]);
  await clock.advance(10_000);
  await assert.rejects(send({ authorization: "Bearer no" }, ""));
  assert.equal(
    log[1],
    "warn a delivery to /hooks/hook was refused: its token is another one " +
      '{"trigger":"/hook","refusedSinceLastLine":2}',
  );
  assert.deepEqual(counts, Array(4).fill("/hook refused 1"));
});

Deno.test("a drained webhook finishes what it took, and takes nothing new", async () => {
  const { trigger, send } = openBench(TOKEN, { secrets: SECRETS });
  const taken = send(AUTH, "{}");
  await trigger.drain();
  assert.equal((await taken).status, "accepted");
  await assert.rejects(send(AUTH, "{}"), { code: "DRAINING" });
});

/** By Web Crypto, which the engine does not use for it. */
async function hmacHex(secret: string, body: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(body))).toHex();
}
