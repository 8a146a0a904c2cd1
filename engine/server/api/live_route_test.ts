import assert from "node:assert/strict";
import { flow, withApi } from "./_test_api.ts";
import { StreamReader } from "./_stream_reader.ts";

Deno.test("a viewer sees runs of workflows that it may see, as they begin and end", async () => {
  const files = { ...flow("open"), ...flow("closed") };
  await withApi(files, async ({ post, send, bearer }) => {
    const headers = await bearer({ scope: "read", workflows: ["open"] });
    await using reader = new StreamReader(await send("/events", { headers }));
    await post("/workflows/closed/runs?wait=true");
    const { body } = await post("/workflows/open/runs?wait=true");
    const { data } = await reader.until(({ data }) => data.status === "succeeded");
    assert.equal(data.runId, body["runId"]);
    assert.equal(data.workflow, "open");
  });
});

Deno.test("a viewer that was far behind is told to look again", async () => {
  await withApi(flow("busy"), async ({ registry, send }) => {
    await using reader = new StreamReader(await send("/events"));
    const entry = registry.get("busy");
    assert.ok(entry);
    for (let batch = 0; batch < 11; batch++) {
      await Promise.all(
        Array.from({ length: 100 }, async () => await (await entry.workflow.start()).result),
      );
    }
    assert.equal((await reader.until(({ event }) => event === "reset")).event, "reset");
  });
});
