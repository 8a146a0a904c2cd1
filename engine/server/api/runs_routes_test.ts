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
