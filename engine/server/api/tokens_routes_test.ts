import assert from "node:assert/strict";
import { withApi } from "./_test_api.ts";

Deno.test("a token says what it allows, and signs others that do not outlive it", async () => {
  await withApi({}, async ({ post, ask }) => {
    const own = await ask("/tokens/me");
    assert.deepEqual([own.body["subject"], own.body["scope"], own.body["workflows"]], [
      "ann",
      "admin",
      null,
    ]);
    const { status, body } = await post("/tokens", {
      subject: "ci",
      scope: "run",
      workflows: ["deploy-*"],
      ttl: "10m",
    });
    assert.equal(status, 201);
    const { token, ...allowed } = body;
    const me = await ask("/tokens/me", { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual(me.body, allowed);
    assert.deepEqual([me.body["scope"], me.body["workflows"]], ["run", ["deploy-*"]]);

    const refusals = [
      { change: { ttl: "2h" }, field: "ttl" },
      { change: { ttl: "0s" }, field: "ttl" },
      { change: { scope: "admin" }, field: "workflows" },
      { change: { scope: "root" }, field: "scope" },
    ];
    for (const { change, field } of refusals) {
      const given = { subject: "ci", scope: "run", workflows: ["a"], ttl: "10m", ...change };
      const refused = await post("/tokens", given);
      const error = refused.body["error"] as { field: string };
      assert.deepEqual([refused.status, error.field], [400, field]);
    }
  });
});
