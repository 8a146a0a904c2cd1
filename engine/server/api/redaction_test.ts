import assert from "node:assert/strict";
import { withApi } from "./_test_api.ts";
import { StreamReader } from "./_stream_reader.ts";

const SECRET = "hunter2-hunter2";

const FILES = {
  "leak/workflow.yaml":
    `name: leak\nversion: "1.0"\ndescription: says ${SECRET}\nnodes:\n  only: { path: ./only.ts, isolation: none }\n`,
  "leak/only.ts":
    `export default function run(ctx: any, input: any): any {\n  ctx.log.info("it is ${SECRET}");\n  if (input.fail) throw new Error("${SECRET}");\n  return input;\n}\n`,
  "leak/.secrets.yaml": `api:\n  token: ${SECRET}\n`,
};

Deno.test("no answer holds a secret of the workflow", async () => {
  await withApi(FILES, async ({ post, send, bearer }) => {
    await using viewer = new StreamReader(await send("/events"));
    const runs = [{ text: SECRET }, { fail: true }];
    const texts: string[] = [];
    for (const input of runs) {
      const { body } = await post("/workflows/leak/runs?wait=true", { input });
      texts.push(JSON.stringify(body));
      const id = body["runId"];
      const { data } = await viewer.until(({ data }) =>
        data.runId === id && data.completedAt !== null
      );
      texts.push(JSON.stringify(data));
      const paths = ["", "/events", "/nodes/only/log", "/nodes/only/log?download=true"];
      for (const path of paths) texts.push(await (await send(`/runs/${id}${path}`)).text());
      const live = { headers: { ...await bearer(), accept: "text/event-stream" } };
      texts.push(await (await send(`/runs/${id}/nodes/only/log`, live)).text());
      texts.push(await (await send(`/runs/${id}/events`, live)).text());
    }
    for (const path of ["/workflows?runs=5", "/workflows/leak", "/runs", "/queue", "/problems"]) {
      texts.push(await (await send(path)).text());
    }
    for (const text of texts) assert.ok(!text.includes(SECRET), text);
    assert.ok(texts.some((text) => text.includes("***")));
    const kept = await post("/schedules", {
      workflow: "leak",
      schedule: "@daily",
      input: { text: SECRET },
    });
    assert.deepEqual([kept.status, (kept.body["error"] as { field: string }).field], [
      400,
      "input",
    ]);
  });
});
