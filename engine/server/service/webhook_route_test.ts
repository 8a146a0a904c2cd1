import assert from "node:assert/strict";
import { CodedError } from "../../errors/mod.ts";
import type { RegisteredWorkflow } from "../../registry/mod.ts";
import type { Reception } from "../../triggers/mod.ts";
import { fakeRegistry, testService } from "./_test_service.ts";

function withHook(
  receive: (delivery: { readonly body: Uint8Array }) => Promise<Reception>,
  obstacle?: CodedError,
) {
  const entry = {
    name: "deploy eu",
    triggers: () => [{ type: "webhook", path: "/git/hub", name: "hook", obstacle, receive }],
  };
  return testService([], {
    registry: fakeRegistry([entry as unknown as RegisteredWorkflow]),
  });
}

const POST = { method: "POST", body: "{}", headers: { "content-length": "2" } };

Deno.test("a delivery goes to the webhook of its workflow, without a token", async () => {
  let body = "";
  const { send } = withHook((delivery) => {
    body = new TextDecoder().decode(delivery.body);
    return Promise.resolve({ status: "accepted", runId: "r1", isNew: true });
  });
  const response = await send("/hooks/deploy%20eu/git/hub", POST);
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { runId: "r1" });
  assert.equal(response.headers.get("location"), "/api/v1/runs/r1");
  assert.equal(body, "{}");
});

Deno.test("a delivery that belongs nowhere is 404 and says nothing of what there is", async () => {
  const { send } = withHook(() => assert.fail("nothing is to be received"));
  for (const path of ["/hooks/deploy%20eu/git", "/hooks/other/git/hub", "/hooks/deploy%20eu/"]) {
    const response = await send(path, POST);
    assert.equal(response.status, 404);
    assert.ok(!(await response.text()).includes("hub") || path.includes("hub"));
  }
});

Deno.test("browsers deliver nothing, whatever their origin", async () => {
  const { send } = withHook(() => assert.fail("nothing is to be received"));
  for (
    const headers of [
      { origin: "http://127.0.0.1:9009" },
      { origin: "https://evil.example" },
      { "sec-fetch-site": "none" },
    ]
  ) {
    const response = await send("/hooks/deploy%20eu/git/hub", { ...POST, headers });
    assert.equal(response.status, 403);
    await response.body?.cancel();
  }
});

Deno.test("a webhook that cannot verify takes nothing", async () => {
  const obstacle = new CodedError("WEBHOOK_UNVERIFIED", "Cannot take deliveries");
  const { send } = withHook(() => assert.fail("nothing is to be received"), obstacle);
  assert.equal((await send("/hooks/deploy%20eu/git/hub", POST)).status, 403);
});

Deno.test("a delivery is at most a mebibyte", async () => {
  const { send } = withHook(() => assert.fail("nothing is to be received"));
  const body = "a".repeat(1024 * 1024 + 1);
  const headers = { "content-length": String(body.length) };
  assert.equal((await send("/hooks/deploy%20eu/git/hub", { ...POST, body, headers })).status, 413);
});
