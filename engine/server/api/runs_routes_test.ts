import assert from "node:assert/strict";
import { flow, withApi } from "./_test_api.ts";

Deno.test("a run that was started is listed and shown with its graph, input and output", async () => {
  await withApi(
    flow("hello", { answer: "{ hi: input.name }" }),
    async ({ post, ask, send, bearer }) => {
      const accepted = await send("/workflows/hello/runs", {
        method: "POST",
        body: JSON.stringify({ input: { name: "ann" } }),
      });
      assert.equal(accepted.status, 202);
      const { runId, isNew } = await accepted.json();
      assert.equal(accepted.headers.get("location"), `/api/v1/runs/${runId}`);
      assert.equal(isNew, true);
      const waited = await post("/workflows/hello/runs?wait=true", { input: { name: "bob" } });
      assert.deepEqual(waited.body["outputs"], { only: { hi: "bob" } });

      const events = await send(`/runs/${runId}/events`, {
        headers: { ...await bearer(), accept: "text/event-stream" },
      });
      assert.match(await events.text(), /"kind":"run.succeeded"/);

      const { body: list } = await ask("/runs?workflow=hello&status=succeeded,failed&limit=1");
      assert.deepEqual((list["runs"] as { runId: string }[]).map((run) => run.runId), [
        waited.body["runId"],
      ]);
      const { body: rest } = await ask(`/runs?before=${list["next"]}`);
      assert.deepEqual((rest["runs"] as { runId: string }[]).map((run) => run.runId), [runId]);
      assert.equal(rest["next"], null);

      const { body: run } = await ask(`/runs/${runId}`);
      assert.equal(run["status"], "succeeded");
      assert.deepEqual(run["trigger"], { type: "api", user: "ann" });
      assert.deepEqual(run["input"], { name: "ann" });
      assert.deepEqual(run["outputs"], { only: { hi: "ann" } });
      assert.deepEqual(run["stages"], [["only"]]);
      assert.deepEqual((run["criticalPath"] as { nodes: string[] }).nodes, ["only"]);
    },
  );
});

Deno.test("the same key gives the same run to one caller, and another's is another key", async () => {
  await withApi(flow("hello"), async ({ ask, bearer }) => {
    async function start(subject: string, input: unknown) {
      const headers = { ...await bearer({ subject }), "idempotency-key": "a" };
      const body = JSON.stringify({ input });
      return await ask("/workflows/hello/runs", { method: "POST", headers, body });
    }
    const first = await start("ann", 1);
    const again = await start("ann", 1);
    assert.deepEqual([again.body["runId"], again.body["isNew"]], [first.body["runId"], false]);
    const other = await start("bob", 2);
    assert.notEqual(other.body["runId"], first.body["runId"]);
    assert.equal((await start("ann", 2)).status, 422);
  });
});

Deno.test("runs of a workflow that a token may not see are not there", async () => {
  await withApi({ ...flow("open"), ...flow("closed") }, async ({ post, ask, bearer }) => {
    const { body } = await post("/workflows/closed/runs?wait=true");
    const id = String(body["runId"]);
    const headers = await bearer({ scope: "run", workflows: ["op*"] });
    assert.deepEqual((await ask("/runs", { headers })).body["runs"], []);
    for (const path of [`/runs/${id}`, `/runs/${id}/events`, `/runs/${id}/nodes/only/log`]) {
      assert.equal((await ask(path, { headers })).status, 404, path);
    }
    for (const action of ["cancel", "retry", "resume"]) {
      const refused = await ask(`/runs/${id}/${action}`, { method: "POST", headers });
      assert.equal(refused.status, 404, action);
    }
    assert.equal((await ask(`/runs?before=${id}`, { headers })).status, 400);
    const start = await ask("/workflows/closed/runs", { method: "POST", headers });
    assert.equal(start.status, 404);
    const { body: list } = await ask("/workflows", { headers });
    assert.deepEqual((list["workflows"] as unknown as { name: string }[]).map((one) => one.name), [
      "open",
    ]);
  });
});
