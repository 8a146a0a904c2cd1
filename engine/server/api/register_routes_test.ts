import assert from "node:assert/strict";
import type { JsonObject } from "../../json/mod.ts";
import { flow, withApi } from "./_test_api.ts";

const NODE = "export default function run(): string {\n  return 'TEXT';\n}\n";
const YAML =
  `name: greet\nversion: "1.0"\nnodes:\n  hi: { path: ./nodes/hi.ts, isolation: none }\n`;

function files(text: string): { readonly [path: string]: string } {
  return { "workflow.yaml": YAML, "nodes/hi.ts": NODE.replace("TEXT", text) };
}

Deno.test("a workflow is registered, started, replaced by a new version, and removed", async () => {
  await withApi(flow("local"), async ({ post, ask, registry }) => {
    const first = await post("/workflows", { files: files("one") });
    assert.deepEqual([first.status, first.body["name"], first.body["version"]], [201, "greet", 1]);
    assert.deepEqual(first.body["problems"], []);
    const run = await post("/workflows/greet/runs?wait=true");
    assert.deepEqual(run.body["outputs"], { hi: "one" });

    const second = await post("/workflows", { files: files("two") });
    assert.equal(second.body["version"], 2);
    const again = await post("/workflows", { files: files("two") });
    assert.equal(again.body["version"], 2);
    const { body } = await ask("/workflows/greet/versions");
    assert.deepEqual((body["versions"] as { version: number }[]).map((one) => one.version), [2, 1]);
    const rerun = await post("/workflows/greet/runs?wait=true");
    assert.deepEqual(rerun.body["outputs"], { hi: "two" });
    const newest = await ask("/runs?workflow=greet&limit=1");
    const older = await ask(`/runs?workflow=greet&before=${newest.body["next"]}`);
    assert.deepEqual(runIdsOf(older.body), [run.body["runId"]]);
    assert.equal((await ask(`/runs/${run.body["runId"]}`)).body["workflow"], "greet");
    const shown = await ask("/workflows/greet");
    assert.deepEqual(shown.body["origin"], { kind: "stored", place: "greet" });

    assert.equal((await ask("/workflows/greet", { method: "DELETE" })).status, 204);
    assert.equal((await ask("/workflows/greet")).status, 404);
    assert.equal(registry.get("greet"), undefined);
  });
});

Deno.test("what cannot be registered is refused with every mistake, and without the place of its check", async () => {
  await withApi(flow("local"), async ({ post, ask }) => {
    const cases = [
      { body: { files: {} }, field: "files", says: /neither workflow.yaml nor pipeline.ts/ },
      {
        body: { files: { "../workflow.yaml": YAML } },
        field: "files.../workflow.yaml",
        says: /outside/,
      },
      { body: { files: { "workflow.yaml": "name: [" } }, field: "files", says: /workflow\.yaml:1/ },
      { body: { files: { "workflow.yaml": YAML } }, field: "files", says: /nodes\/hi\.ts/ },
      {
        body: { files: { "workflow.yaml": "x", "workflow.yaml/a": "y" } },
        field: "files.workflow.yaml/a",
        says: /no file/,
      },
      {
        body: { files: files("a"), driver: "k8s://?token=abc" },
        field: "driver",
        says: /secret/,
      },
    ];
    for (const { body, field, says } of cases) {
      const { status, body: answer } = await post("/workflows", body);
      const error = answer["error"] as { field: string; message: string };
      assert.deepEqual([status, error.field], [400, field]);
      assert.match(error.message, says);
      assert.doesNotMatch(JSON.stringify(answer), /pd-upload/);
    }
    const taken = await post("/workflows", { name: "local", files: files("a") });
    assert.equal(taken.status, 409);
    assert.equal((await ask("/workflows/local", { method: "DELETE" })).status, 404);
  });
});

function runIdsOf(body: JsonObject): readonly string[] {
  return (body["runs"] as unknown as readonly { readonly runId: string }[]).map(({ runId }) =>
    runId
  );
}
