import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { type TestApp, withApp } from "./_test_server.ts";

const GITHUB = { type: "webhook", path: "/github", verify: "github", secret: "github.webhook" };
const DEPLOY = { type: "webhook", path: "/ci/deploy", verify: "token", secret: "ci.token" };
const SECRETS = { github: { webhook: "It's a Secret to Everybody" }, ci: { token: "canary-4711" } };
const AUTH = { authorization: "Bearer canary-4711" };
/** The example of GitHub's documentation. */
const HELLO = {
  "x-github-event": "push",
  "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
  "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
};

/** Delivers, and gives status and body. */
async function deliver(
  { post }: Pick<TestApp, "post">,
  path: string,
  { body = "{}", headers = {} }: { body?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
  const response = await post(`/hooks${path}`, body, headers);
  return { status: response.status, body: await response.json(), headers: response.headers };
}

Deno.test("POST /hooks/<path> answers 202 with the run of a delivery, and the same once it comes again", () =>
  withApp({ triggers: [GITHUB, DEPLOY], secrets: SECRETS }, async (app) => {
    const first = await deliver(app, "/github", { body: "Hello, World!", headers: HELLO });
    assert.equal(first.status, 202);
    const { runId } = first.body;
    assert.equal(first.headers.get("location"), `/runs/${runId}`);
    const again = await deliver(app, "/github", { body: "Hello, World!", headers: HELLO });
    assert.deepEqual([again.status, again.body], [202, { runId, repeated: true }]);
    await (await app.workflow.run(String(runId)))?.result;
    const run = await app.json(`/runs/${runId}`);
    assert.equal(run["status"], "succeeded");
    assert.deepEqual(run["input"], { body: "Hello, World!" });
    assert.deepEqual(run["trigger"], {
      type: "webhook",
      name: "/github",
      path: "/github",
      event: "push",
      delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      headers: {
        "content-type": "text/plain;charset=UTF-8",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-github-event": "push",
      },
    });
    assert.equal((await app.workflow.runs()).length, 1);
  }));

Deno.test("twenty deliveries of one id that arrive together start one run", () =>
  withApp({ triggers: [GITHUB], secrets: SECRETS }, async (app) => {
    const all = await Promise.all(
      Array.from(
        { length: 20 },
        () => deliver(app, "/github", { body: "Hello, World!", headers: HELLO }),
      ),
    );
    assert.equal(new Set(all.map(({ body }) => body["runId"])).size, 1);
    assert.equal(all.filter(({ body }) => body["repeated"] === undefined).length, 1);
    assert.equal((await app.workflow.runs()).length, 1);
  }));

Deno.test("a delivery that is refused says no more than that, and starts nothing", () =>
  withApp({ triggers: [GITHUB, DEPLOY], secrets: SECRETS }, async (app) => {
    const tries: readonly [string, { body?: string; headers?: Record<string, string> }][] = [
      ["/github", { body: "Hello, World?", headers: HELLO }],
      ["/github", { body: "Hello, World!" }],
      ["/ci/deploy", {}],
      ["/ci/deploy", { headers: { authorization: "Bearer canary-4712" } }],
    ];
    const answers = new Set<string>();
    for (const [path, delivery] of tries) {
      const { status, body } = await deliver(app, path, delivery);
      assert.equal(status, 401);
      answers.add(JSON.stringify(body).replace(path, ""));
    }
    assert.equal(answers.size, 1);
    assert.match([...answers][0] ?? "", /WEBHOOK_REFUSED/);
    assert.doesNotMatch([...answers][0] ?? "", /signature|token|canary|secret/i);
    assert.match(app.log.join("\n"), /its signature is another one/);
    assert.doesNotMatch(app.log.join("\n"), /canary/);
    assert.equal((await app.workflow.runs()).length, 0);
  }));

Deno.test("each way in which a delivery cannot be taken has its status", () =>
  withApp({
    triggers: [
      { ...DEPLOY, events: ["build"] },
      { type: "webhook", path: "/open" },
      { type: "webhook", path: "/unset", verify: "hmac", secret: "nobody.knows" },
    ],
    inputs: { ref: { type: "string", required: true } },
    secrets: SECRETS,
    maxHookBytes: 64,
  }, async (app) => {
    const json = { ...AUTH, "content-type": "application/json" };
    const cases: readonly [string, string, { body?: string; headers?: Record<string, string> }, {
      status: number;
      code?: string;
    }][] = [
      ["an event that is not listed", "/ci/deploy", {
        body: '{"type":"test"}',
        headers: json,
      }, { status: 202 }],
      ["no JSON", "/ci/deploy", { body: "{", headers: json }, { status: 400, code: "BAD_REQUEST" }],
      ["another input than declared", "/ci/deploy", {
        body: '{"type":"build"}',
        headers: json,
      }, { status: 400, code: "INPUT_INVALID" }],
      ["no verify", "/open", {}, { status: 403, code: "WEBHOOK_UNVERIFIED" }],
      ["no such hook", "/nowhere", {}, { status: 404, code: "NOT_FOUND" }],
      ["a hook above", "/ci", {}, { status: 404, code: "NOT_FOUND" }],
      ["a hook below", "/ci/deploy/x", {}, { status: 404, code: "NOT_FOUND" }],
      ["too large", "/ci/deploy", { body: "x".repeat(65), headers: json }, {
        status: 413,
        code: "BODY_TOO_LARGE",
      }],
      ["packed", "/ci/deploy", { headers: { ...json, "content-encoding": "gzip" } }, {
        status: 415,
        code: "UNSUPPORTED_MEDIA_TYPE",
      }],
      ["no secret", "/unset", {}, { status: 503, code: "TRIGGER_UNAVAILABLE" }],
    ];
    for (const [name, path, delivery, want] of cases) {
      const { status, body, headers } = await deliver(app, path, delivery);
      const error = body["error"] as { code: string; fix: string | null } | undefined;
      assert.deepEqual([status, error?.code], [want.status, want.code], name);
      if (error === undefined) assert.deepEqual(body, { ignored: true });
      else assert.ok(error.fix, name);
      if (status === 503) assert.ok(headers.get("retry-after"));
    }
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      const response = await app.send("/hooks/ci/deploy", { method });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"], method);
    }
    assert.equal((await app.workflow.runs()).length, 0);
  }));

Deno.test("a delivery is turned away while as many runs go on as may, and while the engine drains", () => {
  const gate = Promise.withResolvers<void>();
  return withApp({
    triggers: [DEPLOY],
    secrets: SECRETS,
    nodes: { node: () => gate.promise },
    maxConcurrentRuns: 1,
  }, async (app) => {
    const keyed = { headers: { ...AUTH, "idempotency-key": "build-7" } };
    const first = await deliver(app, "/ci/deploy", keyed);
    assert.equal(first.status, 202);
    // A repetition is no further run.
    const again = await deliver(app, "/ci/deploy", keyed);
    assert.deepEqual([again.status, again.body], [202, { ...first.body, repeated: true }]);
    const full = await deliver(app, "/ci/deploy", { headers: AUTH });
    assert.deepEqual([full.status, full.headers.get("retry-after")], [429, "1"]);
    gate.resolve();
    await app.workflow.drain(60_000);
    const late = await deliver(app, "/ci/deploy", { headers: AUTH });
    assert.equal(late.status, 503);
    assert.equal((late.body["error"] as { code: string }).code, "DRAINING");
  });
});

Deno.test("a tunnel may hand on deliveries under any name, and no browser may", () =>
  withApp({
    triggers: [DEPLOY, { type: "webhook", path: "/open" }],
    secrets: SECRETS,
    insecureWebhooks: true,
  }, async (app) => {
    const hosts = [
      "abc.tunnel.example",
      "abc.tunnel.example:443",
      "127.0.0.1:8080",
      "evil.example",
    ];
    for (const host of hosts) {
      const { status } = await deliver(app, "/ci/deploy", { headers: { ...AUTH, host } });
      assert.equal(status, 202, host);
    }
    const before = (await app.workflow.runs()).length;
    const pages: readonly Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      // The server's own page, and one under a name that was rebound to this machine.
      { origin: app.origin, "sec-fetch-site": "same-origin" },
      { host: "evil.example:8080", origin: "http://evil.example:8080" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "none" },
      { origin: "https://evil.example", "content-type": "text/plain" },
    ];
    for (const headers of pages) {
      for (const path of ["/ci/deploy", "/open", "/nowhere"]) {
        const { status, body } = await deliver(app, path, { headers: { ...AUTH, ...headers } });
        assert.equal(status, 403, JSON.stringify(headers));
        assert.equal((body["error"] as { code: string }).code, "FORBIDDEN_ORIGIN");
      }
    }
    assert.equal((await app.workflow.runs()).length, before);
  }));

Deno.test("no spelling of a path gets by the rules of another one", () =>
  withApp({ triggers: [DEPLOY], secrets: SECRETS }, async ({ send, workflow }) => {
    const paths = [
      "/hooks/../run",
      "/hooks/%2e%2e/run",
      "/hooks/..%2frun",
      "/hooks//run",
      "/hooks/ci/deploy/../../../run",
      "//hooks/../run",
      "/hooks\\..\\run",
      "/run/hooks/ci/deploy",
      "/run?x=/hooks/",
    ];
    for (const path of paths) {
      const response = await send(path, {
        method: "POST",
        body: "{}",
        headers: { host: "evil.example" },
      });
      assert.ok([403, 404, 405].includes(response.status), `${path} ${response.status}`);
    }
    assert.equal((await workflow.runs()).length, 0);
  }));

Deno.test("Slack's challenge comes back as text, GitHub's ping as JSON", () =>
  withApp({
    clock: new FakeClock(1_531_420_618_000),
    triggers: [{
      type: "webhook",
      path: "/slack",
      verify: "slack",
      secret: "slack.key",
    }, GITHUB],
    secrets: {
      ...SECRETS,
      slack: { key: "8f742231b10e8888abcd99yyyzzz85a5" },
    },
  }, async ({ post }) => {
    const challenge = await post(
      "/hooks/slack",
      '{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}',
      {
        "content-type": "application/json",
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": "v0=2b617e8d1eba789c3e90a54b772adadfc772137987c87d3c1e4129005632e406",
      },
    );
    assert.equal(challenge.status, 200);
    assert.equal(challenge.headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(
      await challenge.text(),
      "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
    );
    const ping = await post("/hooks/github", "Hello, World!", {
      ...HELLO,
      "x-github-event": "ping",
    });
    assert.deepEqual([ping.status, await ping.json()], [200, { pong: true }]);
  }));

Deno.test("GET /triggers tells what may start runs, and what is off and why", () =>
  withApp({
    triggers: [
      { type: "manual" },
      { type: "cron", schedule: "0 9 29 2 *", timezone: "Europe/Berlin" },
      { type: "cron", name: "weekly", schedule: "@weekly" },
      DEPLOY,
      { type: "webhook", path: "/open" },
      { type: "queue", subject: "stories.requested" },
    ],
    secrets: SECRETS,
  }, async ({ json }) => {
    const { triggers } = await json("/triggers") as { triggers: Record<string, unknown>[] };
    assert.deepEqual(triggers.map(({ type, name, state }) => [type, name, state]), [
      ["manual", null, "on"],
      ["cron", "cron-0", "on"],
      ["cron", "weekly", "on"],
      ["webhook", "/ci/deploy", "on"],
      ["webhook", "/open", "off"],
      ["queue", "stories.requested", "off"],
    ]);
    assert.match(String(triggers[5]?.["reason"]), /^TRIGGER_UNAVAILABLE: .*nats_url/);
    const leapDay = new Date(Number(triggers[1]?.["nextAt"]));
    assert.match(leapDay.toISOString(), /^\d{4}-02-29T08:00:00\.000Z$/);
    assert.match(String(triggers[4]?.["reason"]), /^WEBHOOK_UNVERIFIED: /);
    assert.deepEqual(triggers[3], {
      type: "webhook",
      name: "/ci/deploy",
      state: "on",
      reason: null,
      path: "/hooks/ci/deploy",
      verify: "token",
      events: null,
    });
  }));
