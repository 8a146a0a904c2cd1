import assert from "node:assert/strict";
import { START } from "./_conformance_fixture.ts";
import type { ConformanceCase } from "./conformance.ts";
import type { NewStoredWorkflow } from "./stored_workflow.ts";

/** Stored pipelines and workflows. */
export const WORKFLOW_CASES: readonly ConformanceCase[] = [
  {
    does: "keeps the id of a stored workflow's name and counts its versions",
    async test({ storage, other }) {
      const first = await storage.putWorkflow(pipeline("k6", "1"));
      assert.match(
        first.id,
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      assert.deepEqual(first, {
        id: first.id,
        name: "k6",
        version: 1,
        kind: "pipeline",
        driver: "docker",
        source: "/srv/k6.ts",
        hash: first.hash,
        createdAt: START,
      });
      assert.match(first.hash, /^[0-9a-f]{64}$/);
      const second = await other.putWorkflow({
        ...pipeline("k6", "2"),
        kind: "workflow",
        driver: undefined,
        source: "C:\\Grüße\0\ud800",
        createdAt: START + 5,
      });
      assert.deepEqual([second.id, second.version], [first.id, 2]);
      assert.notEqual(second.hash, first.hash);
      const { files, ...record } = await storage.getWorkflow("k6") ?? assert.fail("it is gone");
      assert.deepEqual(record, second);
      assert.deepEqual(files, { "pipeline.js": "2" });
    },
  },
  {
    does: "stores the same content once, and a return to earlier content as a version more",
    async test({ storage, other }) {
      const first = await storage.putWorkflow(pipeline("k6", "1"));
      const again = await other.putWorkflow({
        ...pipeline("k6", "1"),
        source: "/elsewhere/k6.ts",
        createdAt: START + 9,
      });
      assert.deepEqual(again, first);
      const moved = await storage.putWorkflow({ ...pipeline("k6", "1"), driver: "native" });
      assert.equal(moved.version, 2);
      await storage.putWorkflow(pipeline("k6", "3"));
      const back = await other.putWorkflow(pipeline("k6", "1"));
      assert.deepEqual([back.version, back.hash], [4, first.hash]);
      const ordered = { ...pipeline("two", ""), files: { "b.ts": "b", "a.ts": "a" } };
      const { version } = await storage.putWorkflow(ordered);
      const sorted = { ...ordered, files: { "a.ts": "a", "b.ts": "b" } };
      assert.equal((await storage.putWorkflow(sorted)).version, version);
    },
  },
  {
    does: "gives concurrent versions of one name a number each",
    async test({ storage, other }) {
      const puts = Array.from(
        { length: 12 },
        (_, index) =>
          (index % 2 === 0 ? storage : other).putWorkflow(pipeline("k6", `content ${index}`)),
      );
      const records = await Promise.all(puts);
      assert.equal(new Set(records.map(({ id }) => id)).size, 1);
      const versions = records.map(({ version }) => version).sort((a, b) => a - b);
      assert.deepEqual(versions, Array.from({ length: 12 }, (_, index) => index + 1));
      for (const [index, { version }] of records.entries()) {
        const stored = await other.getWorkflow("k6", version);
        assert.deepEqual(stored?.files, { "pipeline.js": `content ${index}` });
      }
    },
  },
  {
    does: "gives concurrent puts of the same content one version",
    async test({ storage, other }) {
      const puts = Array.from(
        { length: 10 },
        (_, index) => (index % 2 === 0 ? storage : other).putWorkflow(pipeline("k6", "same")),
      );
      const records = await Promise.all(puts);
      for (const record of records) assert.deepEqual(record, records[0]);
      assert.equal((await storage.workflowHistory("k6")).length, 1);
    },
  },
  {
    does: "finds a version by its number, and the history of a name newest first",
    async test({ storage }) {
      for (const content of ["1", "2", "3"]) await storage.putWorkflow(pipeline("k6", content));
      await storage.putWorkflow(pipeline("k6-other", "x"));
      assert.deepEqual((await storage.getWorkflow("k6", 2))?.files, { "pipeline.js": "2" });
      assert.equal(await storage.getWorkflow("k6", 4), undefined);
      assert.equal(await storage.getWorkflow("k6", 0), undefined);
      assert.equal(await storage.getWorkflow("nothing"), undefined);
      const history = await storage.workflowHistory("k6");
      assert.deepEqual(history.map(({ version }) => version), [3, 2, 1]);
      assert.ok(history.every((record) => !("files" in record)));
      assert.deepEqual(await storage.workflowHistory("nothing"), []);
    },
  },
  {
    does: "lists the newest version of each stored workflow by name",
    async test({ storage, other }) {
      assert.deepEqual(await storage.listWorkflows(), []);
      for (const name of ["terraform", "b-2", "echo", "b", "b2"]) {
        await storage.putWorkflow(pipeline(name, "1"));
      }
      await other.putWorkflow(pipeline("echo", "2"));
      const listed = await other.listWorkflows();
      assert.deepEqual(listed.map(({ name, version }) => [name, version]), [
        ["b", 1],
        ["b-2", 1],
        ["b2", 1],
        ["echo", 2],
        ["terraform", 1],
      ]);
      assert.ok(listed.every((record) => !("files" in record)));
    },
  },
  {
    does: "removes every version of a stored workflow, and begins anew with another id",
    async test({ storage, other }) {
      const first = await storage.putWorkflow(pipeline("k6", "1"));
      await storage.putWorkflow(pipeline("k6", "2"));
      await storage.putWorkflow(pipeline("echo", "1"));
      assert.equal(await other.removeWorkflow("k6"), true);
      assert.equal(await storage.removeWorkflow("k6"), false);
      assert.equal(await storage.getWorkflow("k6"), undefined);
      assert.deepEqual(await storage.workflowHistory("k6"), []);
      assert.deepEqual((await storage.listWorkflows()).map(({ name }) => name), ["echo"]);
      const anew = await storage.putWorkflow(pipeline("k6", "1"));
      assert.equal(anew.version, 1);
      assert.notEqual(anew.id, first.id);
    },
  },
  {
    does: "keeps five megabytes of a stored workflow's files as they were",
    async test({ storage, other }) {
      const files = Object.fromEntries(
        Array.from({ length: 50 }, (_, index) => [
          `nodes/größe-${index}.ts`,
          `// ${index}\n${'/* π \u{1f995} \\ " \0 */\n'.repeat(4_800)}\ud800`,
        ]),
      );
      const bytes = new TextEncoder().encode(JSON.stringify(files)).length;
      assert.ok(bytes > 5 * 1024 * 1024);
      const { version } = await storage.putWorkflow({ ...pipeline("large", ""), files });
      const stored = await other.getWorkflow("large", version);
      assert.deepEqual(stored?.files, files);
      assert.equal((await storage.putWorkflow({ ...pipeline("large", ""), files })).version, 1);
    },
  },
];

function pipeline(name: string, content: string): NewStoredWorkflow {
  return {
    name,
    kind: "pipeline",
    driver: "docker",
    source: `/srv/${name}.ts`,
    files: { "pipeline.js": content },
    createdAt: START,
  };
}
