import assert from "node:assert/strict";
import { withApi } from "./_test_api.ts";
import { StreamReader } from "./_stream_reader.ts";

const WRITES = `
          - printf 'one\\n\\033[31mtwö\\033[0m\\n'
          - printf err >&2`;

/** A pipeline whose second task waits until it is cancelled. */
const WAITING = {
  "pipelines.yml": `pipelines:
  slow:
    concurrency: 1
    tasks:
      first:
        script:${WRITES}
      second:
        depends_on: [first]
        script:
          - sleep 600
  quick:
    tasks:
      first:
        script:${WRITES}
`,
};

Deno.test("a run is cancelled, retried and deleted", async () => {
  await withApi(WAITING, async ({ post, ask, send, bearer }) => {
    const { body } = await post("/workflows/slow/runs");
    const id = body["runId"];
    const live = await send(`/runs/${id}/nodes/first/log`, {
      headers: { ...await bearer(), accept: "text/event-stream" },
    });
    {
      await using reader = new StreamReader(live);
      await reader.until(({ event }) => event === "end");
      assert.equal(await reader.next(), undefined);
    }
    const early = await ask(`/runs/${id}`, { method: "DELETE" });
    assert.equal(early.status, 409);
    const queued = await post("/workflows/slow/runs");
    const waiting = await ask(`/runs/${queued.body["runId"]}`);
    assert.deepEqual([waiting.body["status"], waiting.body["queuePosition"]], ["queued", 1]);
    assert.equal(waiting.body["startedAt"], null);

    const ended = await post(`/runs/${queued.body["runId"]}/cancel`);
    assert.deepEqual([ended.status, ended.body["status"]], [200, "cancelled"]);
    assert.equal((await post(`/runs/${id}/cancel`)).body["status"], "cancelled");
    const resumed = await post(`/runs/${id}/resume`);
    assert.equal((resumed.body["error"] as { code: string }).code, "RUN_OVER");

    const unknown = await post(`/runs/${id}/retry`, { from: "third" });
    assert.equal(unknown.status, 404);
    const again = await post(`/runs/${id}/retry`, { from: "second" });
    assert.equal(again.status, 202);
    const { body: retried } = await ask(`/runs/${again.body["runId"]}`);
    assert.deepEqual(retried["trigger"], {
      type: "retry",
      of: id,
      from: "second",
      user: "ann",
    });
    await post(`/runs/${again.body["runId"]}/cancel`);

    assert.equal((await ask(`/runs/${id}`, { method: "DELETE" })).status, 204);
    assert.equal((await ask(`/runs/${id}`)).status, 404);
  });
});

Deno.test("a log is read by byte offsets, and live from an offset on", async () => {
  await withApi(WAITING, async ({ post, ask, send, bearer }) => {
    const { body } = await post("/workflows/quick/runs?wait=true");
    assert.equal(body["status"], "succeeded");
    const path = `/runs/${body["runId"]}/nodes/first/log`;
    const all = await ask(path);
    // The streams of a program are apart, and come in any order.
    assert.deepEqual(
      [...String(all.body["text"])].sort(),
      [..."one\n\x1b[31mtwö\x1b[0m\nerr"].sort(),
    );
    assert.equal(all.body["isEnd"], true);
    let text = "";
    let offset = 0;
    for (let isEnd = false; !isEnd;) {
      const { body: part } = await ask(`${path}?offset=${offset}&limit=4`);
      assert.equal(part["offset"], offset);
      text += part["text"];
      offset = Number(part["next"]);
      isEnd = part["isEnd"] === true;
    }
    assert.equal(text, all.body["text"]);
    assert.equal(offset, new TextEncoder().encode(text).length);

    const headers = { ...await bearer(), accept: "text/event-stream" };
    await using reader = new StreamReader(
      await send(path, { headers: { ...headers, "last-event-id": "2" } }),
    );
    let rest = "";
    for (let event = await reader.next(); event?.event !== "end"; event = await reader.next()) {
      rest += event?.data.text;
    }
    assert.equal(new TextEncoder().encode(rest).length, offset - 2);
    const over = await send(path, { headers: { ...headers, "last-event-id": String(offset) } });
    assert.equal(over.status, 204);
    const file = await send(`${path}?download=true`);
    assert.match(
      file.headers.get("content-disposition") ?? "",
      /attachment; filename="[\w-]+\.log"/,
    );
    assert.equal(await file.text(), text);
    assert.equal((await ask(`/runs/${body["runId"]}/nodes/third/log`)).status, 404);
  });
});
