import assert from "node:assert/strict";
import { ERROR_CODES } from "../errors/mod.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { formatDiagnostic } from "./format_diagnostic.ts";
import { parseWorkflow } from "./parse_workflow.ts";

function testdata(name: string): string {
  return Deno.readTextFileSync(new URL(`./testdata/${name}`, import.meta.url));
}

/** A whole file around the lines that a test is about; `node` stands under the node `a`. */
function file({ top = "", node = "path: ./a.ts" }: { top?: string; node?: string }): string {
  const indented = node.split("\n").map((line) => `    ${line}`).join("\n");
  return `name: demo\nversion: "1.0"\nnodes:\n  a:\n${indented}\n${top}`;
}

function brief({ line, column, code }: Diagnostic): string {
  return `${line}:${column} ${code}`;
}

for (const name of ["digest.yaml", "everything.yaml", "anchors.yaml", "tiny.yaml"]) {
  Deno.test(`parseWorkflow() reads testdata/${name} with every default filled in`, async (t) => {
    const { spec, draft, diagnostics } = parseWorkflow(testdata(name));
    assert.deepEqual(diagnostics, []);
    assert.equal(spec, draft);
    await t.assertSnapshot(spec);
  });
}

Deno.test("parseWorkflow() reports six different mistakes with place, code and fix", async (t) => {
  const text = `name: HN Digest
version: 1.0
nodes:
  fetch:
    path: ./fetch.ts
    timeot: 20s
  render:
    path: ../render.ts
    timeout: 20 seconds
edges:
  - { from: fetch }
`;
  const { spec, diagnostics } = parseWorkflow(text);
  assert.equal(spec, undefined);
  assert.deepEqual(diagnostics.map(brief), [
    "1:7 SPEC_NAME",
    "2:10 SPEC_TYPE",
    "6:5 SPEC_UNKNOWN_KEY",
    "8:11 PATH_ESCAPE",
    "9:14 SPEC_DURATION",
    "11:5 SPEC_MISSING_KEY",
  ]);
  await t.assertSnapshot(diagnostics.map(formatDiagnostic).join("\n"));
});

Deno.test("parseWorkflow() still drafts the graph of a file with mistakes", () => {
  const { spec, draft } = parseWorkflow(`name: demo
version: 1
nodes:
  b: { path: ./b.ts, timeout: soon, depends_on: [c, 7] }
  a: { pth: ./a.ts }
edges: [{ from: a, to: b }, 5, { from: b, to: a }]
`);
  assert.equal(spec, undefined);
  assert.deepEqual(draft?.nodes.map(({ id, timeoutMs }) => [id, timeoutMs]), [
    ["b", 30_000],
    ["a", 30_000],
  ]);
  assert.deepEqual(draft?.edges, [
    { from: "a", to: "b", path: ["edges", 0] },
    { from: "b", to: "a", path: ["edges", 2] },
    { from: "c", to: "b", path: ["nodes", "b", "depends_on", 0] },
  ]);
});

/** What stands in the file, where the problem is, and the fix. */
const MISTAKES: { [does: string]: [text: string, at: string, fix: string] } = {
  "an unknown key at the top": [
    file({ top: "trigger: []" }),
    "6:1 SPEC_UNKNOWN_KEY",
    'Rename "trigger" to triggers:',
  ],
  "an unknown key that resembles nothing": [
    file({ top: "zzz: 1" }),
    "6:1 SPEC_UNKNOWN_KEY",
    'Remove "zzz"; the keys here are name, version, description, triggers, inputs, services, nodes, ' +
    "edges, config",
  ],
  "a key of another kind of node": [
    file({ node: "path: ./a.ts\nimage: alpine" }),
    "6:5 SPEC_NODE_KIND",
    'Remove "image", or make it a node with run:',
  ],
  "a missing name": [
    'version: "1.0"\nnodes: { a: { path: a.ts } }',
    "1:1 SPEC_MISSING_KEY",
    "Add to workflow.yaml: name: my-workflow",
  ],
  "a missing version": [
    "name: demo\nnodes: { a: { path: a.ts } }",
    "1:1 SPEC_MISSING_KEY",
    'Add to workflow.yaml: version: "1.0"',
  ],
  "no nodes": [
    'name: demo\nversion: "1.0"\nnodes: {}',
    "3:8 SPEC_VALUE",
    "nodes: { fetch: { path: ./nodes/fetch.ts } }",
  ],
  "an empty key": [
    file({ top: "edges:" }),
    "6:1 SPEC_TYPE",
    'Remove the key "edges", or give it a value',
  ],
  "a version with a v": [
    "name: demo\nversion: v2\nnodes: { a: { path: a.ts } }",
    "2:10 SPEC_VALUE",
    'version: "2.0"',
  ],
  "a name in capitals": [
    'name: My_Flow\nversion: "1.0"\nnodes: { a: { path: a.ts } }',
    "1:7 SPEC_NAME",
    "name: my-flow",
  ],
  "a node without a kind": [
    file({ node: "timeout: 5s" }),
    "4:3 SPEC_NODE_KIND",
    'Add to "nodes.a": path: ./nodes/a.ts',
  ],
  "a node of two kinds": [
    file({ node: "path: ./a.ts\nrun: make" }),
    "4:3 SPEC_NODE_KIND",
    "Keep one of path, run, and make a node of its own for the other",
  ],
  "a node that is a path": [
    'name: demo\nversion: "1.0"\nnodes:\n  a: ./a.ts',
    "4:6 SPEC_TYPE",
    "a: { path: ./a.ts }",
  ],
  "an empty node": [
    'name: demo\nversion: "1.0"\nnodes:\n  a:',
    "4:3 SPEC_NODE_KIND",
    "a: { path: ./nodes/fetch.ts }",
  ],
  "a node id in capitals": [
    'name: demo\nversion: "1.0"\nnodes:\n  fetchAll: { path: a.ts }',
    "4:3 SPEC_NAME",
    'Rename "fetchAll" to fetch-all:',
  ],
  "a path out of the folder": [
    file({ node: "path: ./../b/a.ts" }),
    "5:11 PATH_ESCAPE",
    "path: ./nodes/a.ts",
  ],
  "a timeout without a unit": [
    file({ node: "path: ./a.ts\ntimeout: 30" }),
    "6:14 SPEC_TYPE",
    "timeout: 30s",
  ],
  "a timeout in words": [
    file({ node: "path: ./a.ts\ntimeout: 2 minutes" }),
    "6:14 SPEC_DURATION",
    "timeout: 2m",
  ],
  "a timeout of nothing": [
    file({ node: "path: ./a.ts\ntimeout: 0s" }),
    "6:14 SPEC_DURATION",
    "timeout: 1s",
  ],
  "a timeout that no timer holds": [
    file({ node: "path: ./a.ts\ntimeout: 1000h" }),
    "6:14 SPEC_DURATION",
    "timeout: 596h31m23.647s",
  ],
  "a number in quotes": [
    file({ node: 'path: ./a.ts\nretries: "3"' }),
    "6:14 SPEC_TYPE",
    "retries: 3",
  ],
  "a broken number": [
    file({ node: "path: ./a.ts\nretries: 1.5" }),
    "6:14 SPEC_TYPE",
    "retries: 2",
  ],
  "a negative number": [
    file({ node: "path: ./a.ts\nretries: -1" }),
    "6:14 SPEC_VALUE",
    "retries: 2",
  ],
  "yes for true": [
    file({ node: "path: ./a.ts\nallow_failure: yes" }),
    "6:20 SPEC_TYPE",
    "allow_failure: true",
  ],
  "a mistyped word": [
    file({ node: "path: ./a.ts\non_lost: retri" }),
    "6:14 SPEC_VALUE",
    "on_lost: retry",
  ],
  "retries twice over": [
    file({ node: "path: ./a.ts\nretries: 2\nretry: { max_attempts: 5 }" }),
    "6:5 SPEC_CONFLICT",
    "Remove retries: 2, or retry.max_attempts: 5",
  ],
  "a cap below the first wait": [
    file({ node: "path: ./a.ts\nretry: { initial_interval: 5s, max_interval: 1s }" }),
    "6:36 SPEC_CONFLICT",
    "max_interval: 5s",
  ],
  "permissions and capabilities": [
    file({ node: "path: ./a.ts\npermissions: {}\ncapabilities: {}" }),
    "7:5 SPEC_CONFLICT",
    "Move what it lists to permissions, and remove capabilities:",
  ],
  "a URL for a host": [
    file({ node: 'path: ./a.ts\npermissions: { net: ["https://a.example/x"] }' }),
    "6:26 SPEC_VALUE",
    "- a.example",
  ],
  "a comma in a permission": [
    file({ node: 'path: ./a.ts\npermissions: { read: "/a,/b" }' }),
    "6:26 SPEC_VALUE",
    "Write each path as an entry of its own: [/a, /b]",
  ],
  "too little memory": [
    file({ node: "path: ./a.ts\nmemory: 512" }),
    "6:13 SPEC_VALUE",
    "memory: 512Mi",
  ],
  "a size in MB": [
    file({ node: "path: ./a.ts\nmemory: 512MB" }),
    "6:13 SPEC_VALUE",
    "memory: 512Mi",
  ],
  "a number in env": [
    file({ node: "run: make\nenv: { PORT: 8080 }" }),
    "6:18 SPEC_TYPE",
    'PORT: "8080"',
  ],
  "a variable with a hyphen": [
    file({ node: "run: make\nenv: { LOG-LEVEL: info }" }),
    "6:12 SPEC_NAME",
    'Rename "LOG-LEVEL" to LOG_LEVEL:',
  ],
  "an empty command": [
    file({ node: "command: []" }),
    "5:14 SPEC_VALUE",
    "command: [make, test]",
  ],
  "a command in one text": [
    file({ node: "command: make test" }),
    "5:14 SPEC_TYPE",
    "command: [make, test]",
  ],
  "an edge without an end": [
    file({ top: "edges:\n  - from: a" }),
    "7:5 SPEC_MISSING_KEY",
    "Add to edges[0]: to: render",
  ],
  "an edge that is a word": [
    file({ top: "edges: [a]" }),
    "6:9 SPEC_TYPE",
    "- { from: fetch, to: render }",
  ],
  "an unknown trigger": [
    file({ top: "triggers: [{ type: crom }]" }),
    "6:20 SPEC_VALUE",
    "type: cron",
  ],
  "a trigger without a type": [
    file({ top: 'triggers: [{ schedule: "@daily" }]' }),
    "6:12 SPEC_MISSING_KEY",
    "Add to triggers[0]: type: manual",
  ],
  "a cron trigger without a schedule": [
    file({ top: "triggers: [{ type: cron }]" }),
    "6:12 SPEC_MISSING_KEY",
    'Add to triggers[0]: schedule: "0 9 * * *"',
  ],
  "an hour that does not exist": [
    file({ top: 'triggers: [{ type: cron, schedule: "0 25 * * *" }]' }),
    "6:36 SPEC_CRON",
    "Write the hour as *, a number from 0 to 23, a range a-b, a list a,b or a step */n",
  ],
  "a city for a zone": [
    file({ top: 'triggers: [{ type: cron, schedule: "@daily", timezone: new york }]' }),
    "6:56 SPEC_CRON",
    "timezone: America/New_York",
  ],
  "an offset for a zone": [
    file({ top: 'triggers: [{ type: cron, schedule: "@daily", timezone: "+02:00" }]' }),
    "6:56 SPEC_CRON",
    "timezone: Europe/Berlin",
  ],
  "subject and subjects": [
    file({
      top: "triggers: [{ type: queue, subject: a, subjects: [b] }]\nconfig: { nats_url: nats://n }",
    }),
    "6:39 SPEC_CONFLICT",
    "Move the subject into subjects, and remove subject:",
  ],
  "a queue without a subject": [
    file({ top: "triggers: [{ type: queue }]\nconfig: { nats_url: nats://n }" }),
    "6:12 SPEC_MISSING_KEY",
    "Add to triggers[0]: subject: orders.created",
  ],
  "a subject with a space": [
    file({ top: "triggers: [{ type: queue, subject: a b }]\nconfig: { nats_url: nats://n }" }),
    "6:36 SPEC_VALUE",
    "subject: orders.created",
  ],
  "verify without secret": [
    file({ top: "triggers: [{ type: webhook, path: /x, verify: github }]" }),
    "6:39 SPEC_MISSING_KEY",
    "Add to triggers[0]: secret: github.webhook_secret",
  ],
  "secret without verify": [
    file({ top: "triggers: [{ type: webhook, path: /x, secret: a.b }]" }),
    "6:39 SPEC_MISSING_KEY",
    "Add to triggers[0]: verify: hmac",
  ],
  "a webhook path without a slash": [
    file({ top: "triggers: [{ type: webhook, path: github }]" }),
    "6:35 SPEC_VALUE",
    "path: /github",
  ],
  "two webhooks with one path": [
    file({ top: "triggers:\n  - { type: webhook, path: /x }\n  - { type: webhook, path: /x }" }),
    "8:22 SPEC_CONFLICT",
    "path: /x-2",
  ],
  "two triggers with one name": [
    file({ top: "triggers:\n  - { type: manual, name: x }\n  - { type: manual, name: x }" }),
    "8:21 SPEC_CONFLICT",
    "name: x-2",
  ],
  "a default of another type": [
    file({ top: "inputs: { n: { type: integer, default: abc } }" }),
    "6:40 SPEC_TYPE",
    "Write a value of type integer, or change the type to string",
  ],
  "a default that enum lacks": [
    file({ top: "inputs: { n: { default: c, enum: [a, b] } }" }),
    "6:25 SPEC_VALUE",
    'default: "a"',
  ],
  "an enum of another type": [
    file({ top: "inputs: { n: { enum: [a, 1] } }" }),
    "6:26 SPEC_TYPE",
    '- "1"',
  ],
  "an input name with a dot": [
    file({ top: "inputs: { a.b: {} }" }),
    "6:11 SPEC_NAME",
    'Rename "a.b" to a-b:',
  ],
  "a service without a scheme": [
    file({ top: "services: { hn: { url: hn.example.com } }" }),
    "6:24 SPEC_VALUE",
    "url: https://hn.example.com",
  ],
  "a service with a query": [
    file({ top: 'services: { hn: { url: "https://hn.example.com/x?a=1" } }' }),
    "6:24 SPEC_VALUE",
    "url: https://hn.example.com/x",
  ],
  "a mistyped execution": [
    file({ top: "config: { execution: eagr }" }),
    "6:22 SPEC_VALUE",
    "execution: eager",
  ],
  "days in a retention": [
    file({ top: "config: { retention: { period: 30d } }" }),
    "6:32 SPEC_DURATION",
    "period: 720h",
  ],
  "a partition without a key": [
    file({ top: "config: { queue_strategy: partitioned_replace }" }),
    "6:27 SPEC_MISSING_KEY",
    "Add to config: queue_key: customer",
  ],
  "a NATS server by HTTP": [
    file({ top: "config: { nats_url: http://n.example }" }),
    "6:21 SPEC_VALUE",
    "nats_url: nats://127.0.0.1:4222",
  ],
};

for (const [does, [text, at, fix]] of Object.entries(MISTAKES)) {
  Deno.test(`parseWorkflow() refuses ${does}`, () => {
    const { spec, diagnostics } = parseWorkflow(text);
    assert.deepEqual(diagnostics.map(brief), [at]);
    assert.equal(diagnostics[0]?.fix, fix);
    assert.match(diagnostics[0]?.message ?? "", /^Cannot read ".*" as .+: .*[^.]$/);
    assert.ok(ERROR_CODES.includes(diagnostics[0].code));
    assert.equal(spec, undefined);
  });
}

Deno.test("parseWorkflow() warns and goes on where a setting has no effect", () => {
  const warnings: [string, string][] = [
    [file({ node: "path: ./a.ts\nisolation: none\npermissions: {}" }), "6:5 SPEC_CONFLICT"],
    [file({ top: "triggers: [{ type: queue, subject: a }]" }), "6:12 SPEC_MISSING_KEY"],
    [
      file({
        top:
          "triggers: [{ type: queue, subject: a, max_deliver: 2 }]\nconfig: { nats_url: nats://n }",
      }),
      "6:39 SPEC_CONFLICT",
    ],
    [file({ top: "config: { queue_limit: 3 }" }), "6:11 SPEC_CONFLICT"],
    [
      file({ top: "config: { concurrency: 1, queue_partition_limit: 2 }" }),
      "6:27 SPEC_CONFLICT",
    ],
    [
      file({
        top:
          "config: { concurrency: 1, queue_strategy: partitioned_replace, queue_key: a, queue_limit: 2 }",
      }),
      "6:78 SPEC_CONFLICT",
    ],
    [file({ top: "config: { concurrency: 1, interrupt: true }" }), "6:27 SPEC_CONFLICT"],
  ];
  for (const [text, at] of warnings) {
    const { spec, diagnostics } = parseWorkflow(text);
    assert.deepEqual(diagnostics.map(brief), [at]);
    assert.equal(diagnostics[0]?.severity, "warning");
    assert.equal(spec?.name, "demo");
  }
});

Deno.test("parseWorkflow() shortens the longest name with the number of cron triggers", () => {
  for (const [crons, longest] of [[0, 63], [1, 47], [2, 45], [10, 45], [11, 44]] as const) {
    const triggers = Array.from({ length: crons }, () => `{ type: cron, schedule: "@daily" }`);
    const text = (length: number) =>
      `name: ${"a".repeat(length)}\nversion: "1.0"\ntriggers: [${triggers.join(", ")}]\n` +
      "nodes: { a: { path: a.ts } }";
    assert.deepEqual(parseWorkflow(text(longest)).diagnostics, []);
    assert.deepEqual(parseWorkflow(text(longest + 1)).diagnostics.map(brief), ["1:7 SPEC_NAME"]);
  }
});

Deno.test("parseWorkflow() names the file as the caller does", () => {
  const { diagnostics } = parseWorkflow("name: 1", { file: "demo/workflow.yaml" });
  assert.equal(diagnostics[0]?.file, "demo/workflow.yaml");
  assert.match(formatDiagnostic(diagnostics[0]), /^demo\/workflow\.yaml:1:1 [A-Z_]+ Cannot /);
});

Deno.test("parseWorkflow() locates keys, list items and the nearest parent of what is missing", () => {
  const { locate } = parseWorkflow(testdata("digest.yaml"));
  assert.deepEqual(locate([]), { line: 1, column: 1 });
  assert.deepEqual(locate(["nodes", "render"]), { line: 27, column: 3 });
  assert.deepEqual(locate(["nodes", "publish", "depends_on", 0]), { line: 34, column: 18 });
  assert.deepEqual(locate(["edges", 0, "to"]), { line: 36, column: 28 });
  assert.deepEqual(locate(["edges", 7]), { line: 35, column: 1 });
  assert.deepEqual(locate(["nodes", "nowhere", "path"]), { line: 21, column: 1 });
});

Deno.test("parseWorkflow() keeps the order of nodes, also of those called by numbers", () => {
  const { spec } = parseWorkflow(
    'name: demo\nversion: "1.0"\nnodes: { b: {path: b.ts}, "10": {path: b.ts}, "9": {path: b.ts} }',
  );
  assert.deepEqual(spec?.nodes.map(({ id }) => id), ["b", "10", "9"]);
});

Deno.test("parseWorkflow() keeps config as written", () => {
  const { spec } = parseWorkflow(file({ top: "config: { retries: 2, own: { a: [1, null] } }" }));
  assert.deepEqual(spec?.config.values, { retries: 2, own: { a: [1, null] } });
  assert.equal(spec?.nodes[0]?.retry.maxAttempts, 3);
});

Deno.test("parseWorkflow() never shows the password of a URL", () => {
  const text = file({
    node: "path: ./a.ts\npermissions: { net: ['https://u:hunter2@a.example'] }",
    top: "services: { a: { url: 'https://u:hunter2@a.example' } }\n" +
      "config: { nats_url: 'nats://u:hunter2@n.example' }",
  });
  const { diagnostics } = parseWorkflow(text);
  assert.equal(diagnostics.length, 3);
  assert.ok(!diagnostics.map(formatDiagnostic).join("\n").includes("hunter2"));
});
