import assert from "node:assert/strict";
import { parseWorkflow, type WorkflowSpec } from "../engine/spec/mod.ts";
import { describeRights, diffRights } from "./diff_rights.ts";
import { rightsOf } from "./rights.ts";

async function specOf(nodes: string, more = ""): Promise<WorkflowSpec> {
  const { spec, diagnostics } = await parseWorkflow(
    `name: sample\nversion: "1.0"\n${more}nodes:\n${nodes}`,
  );
  assert.deepEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
  assert.ok(spec !== undefined);
  return spec;
}

Deno.test("rightsOf() gathers hosts, paths and secrets of all nodes, sorted and once", async () => {
  const rights = rightsOf(
    await specOf(`
  b: { path: ./b.ts, permissions: { net: [b.example, a.example:8443], secrets: [slack] } }
  a: { path: ./a.ts, permissions: { net: [A.example], read: [./data], write: [/tmp/out], secrets: [] } }
`),
  );
  assert.deepEqual(rights.net, { hosts: ["a.example", "a.example:8443", "b.example"] });
  assert.deepEqual(rights.read, ["./data"]);
  assert.deepEqual(rights.write, ["/tmp/out"]);
  assert.deepEqual(rights.secrets, { names: ["slack"] });
  assert.deepEqual(rights.nodes.map(({ id }) => id), ["a", "b"]);
  assert.equal(rights.startsHosts, true);
  assert.equal(rights.hostGroups, 2);
});

Deno.test("rightsOf() is any host and all secrets as soon as one node declares nothing", async () => {
  const rights = rightsOf(
    await specOf(`
  a: { path: ./a.ts, permissions: { net: [a.example], secrets: [] } }
  b: { path: ./b.ts }
`),
  );
  assert.deepEqual(rights.net, { any: true });
  assert.deepEqual(rights.secrets, { any: true });
  assert.deepEqual(rights.write, ["/tmp"]);
  const star = rightsOf(await specOf(`  a: { path: ./a.ts, permissions: { net: ["*"] } }\n`));
  assert.deepEqual(star.net, { any: true });
});

Deno.test("rightsOf() starts no hosts where every node runs inside the engine", async () => {
  const rights = rightsOf(
    await specOf(`  a: { path: ./a.ts, isolation: none, permissions: { net: [], secrets: [] } }\n`),
  );
  assert.equal(rights.startsHosts, false);
  assert.equal(rights.hostGroups, 0);
});

Deno.test("rightsOf() names the queue's servers with their ports only when a trigger listens there", async () => {
  const nodes = `  a: { path: ./a.ts, permissions: { net: [], secrets: [] } }\n`;
  const config = `config: { nats_url: "nats://nats.example,tls://other.example:4443" }\n`;
  assert.deepEqual(rightsOf(await specOf(nodes, config)).queueHosts, []);
  const triggers = `triggers: [{ type: queue, subject: things }]\n`;
  const rights = rightsOf(await specOf(nodes, triggers + config));
  assert.deepEqual(rights.queueHosts, ["nats.example:4222", "other.example:4443"]);
  assert.deepEqual(rights.secrets, { names: ["nats"] });
});

Deno.test("diffRights() says what came and went, and of which node", async () => {
  const before = rightsOf(
    await specOf(`
  a: { path: ./a.ts, permissions: { net: [a.example], secrets: [] } }
  b: { path: ./b.ts, permissions: { net: [], secrets: [slack] } }
`),
  );
  const after = rightsOf(
    await specOf(`
  a: { path: ./a.ts, permissions: { net: [a.example, c.example], secrets: [] } }
  c: { path: ./c.ts, isolation: none, permissions: { net: [], secrets: [] } }
`),
  );
  assert.deepEqual(diffRights(before, before), []);
  assert.deepEqual(diffRights(before, after), [
    { change: "removed", of: "b", right: "secrets slack" },
    { change: "added", of: "a", right: "net c.example" },
    { change: "added", of: "c", right: "runs inside the engine" },
  ]);
  assert.deepEqual(describeRights(after), [
    "a: net a.example",
    "a: net c.example",
    "c: runs inside the engine",
    "engine: starts node hosts",
  ]);
});
