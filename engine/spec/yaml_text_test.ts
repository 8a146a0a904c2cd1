import assert from "node:assert/strict";
import { formatDiagnostic } from "./format_diagnostic.ts";
import { parseWorkflow } from "./parse_workflow.ts";

const HEAD = 'name: demo\nversion: "1.0"\nnodes: { a: { path: a.ts } }\n';

/** What the file holds, each problem as `line:column CODE`, and a part of the first fix. */
const TEXTS: { [holds: string]: [text: string, at: string[], fix?: RegExp] } = {
  "nothing": ["", ["1:1 SPEC_TYPE"], /pd init/],
  "only comments": ["# hello\n\n", ["1:1 SPEC_TYPE"], /pd init/],
  "a list": ["- a\n- b\n", ["1:1 SPEC_TYPE"], /name: my-workflow/],
  "a word": ["hello", ["1:1 SPEC_TYPE"]],
  "null": ["~", ["1:1 SPEC_TYPE"]],
  "two documents": [`${HEAD}---\nname: b\n`, ["4:1 YAML_SYNTAX"], /workflow\.yaml of its own/],
  "a tab as indentation": ["name: demo\nnodes:\n\ta: 1\n", ["3:1 YAML_SYNTAX"], /spaces only/],
  "a tab after spaces": ["nodes:\n  a:\n  \tpath: x.ts\n", ["3:3 YAML_SYNTAX"], /spaces only/],
  "an unquoted cron expression": [
    "triggers:\n  - type: cron\n    schedule: * * * * *\n",
    ["3:15 YAML_SYNTAX"],
    /^schedule: "\* \* \* \* \*"$/,
  ],
  "an unquoted cron step": [
    "triggers:\n  - schedule: */5 * * * *\n",
    ["2:15 YAML_SYNTAX"],
    /^schedule: "\*\/5 \* \* \* \*"$/,
  ],
  "an unquoted alias of cron": [
    "triggers:\n  - schedule: @daily\n",
    ["2:15 YAML_SYNTAX"],
    /^schedule: "@daily"$/,
  ],
  "an unquoted colon": [
    "description: fetch: all\n",
    ["1:14 YAML_SYNTAX"],
    /^description: 'fetch: all'$/,
  ],
  "an open quote": ['name: "demo\nversion: 1\n', ["3:1 YAML_SYNTAX"], /quotes/],
  "an open bracket": ["nodes: { a: { path: a.ts }\n", ["2:1 YAML_SYNTAX"], /bracket/],
  "a wrong escape": ['name: "\\d"\n', ["1:8 YAML_SYNTAX"], /single quotes/],
  "uneven indentation": ["nodes:\n  a: 1\n b: 2\n", ["3:1 YAML_SYNTAX"], /number of spaces/],
  "a tag": [`${HEAD}config: { a: !secret x }\n`, ["4:14 YAML_SYNTAX"], /Remove the tag/],
  "a NUL byte": [`${HEAD}# \0\n`, ["4:3 YAML_SYNTAX"], /UTF-8/],
  "an escape character": [`${HEAD}config: { a: "\x1b" }`, ["4:15 YAML_SYNTAX"], /\\x1B/],
  "a key twice": [
    `${HEAD}name: again\n`,
    ["4:1 YAML_DUPLICATE_KEY"],
    /Remove or rename/,
  ],
  "a node twice": [
    'name: demo\nversion: "1.0"\nnodes:\n  a: { path: a.ts }\n  a: { path: b.ts }\n',
    ["5:3 YAML_DUPLICATE_KEY"],
  ],
  "a key three times": [
    `${HEAD}config: { a: 1, a: 2, "a": 3 }`,
    ["4:17 YAML_DUPLICATE_KEY", "4:23 YAML_DUPLICATE_KEY"],
  ],
  "a number for a key": [`${HEAD}config: { 8080: x }`, ["4:11 SPEC_TYPE"], /"8080":/],
  "a template for a value": [`${HEAD}config:\n  a: {{ b }}\n`, ["5:7 SPEC_TYPE"], /quotes/],
  "an empty key": [`${HEAD}config: { : x }`, ["4:10 SPEC_TYPE"]],
  ["__proto__"]: [`${HEAD}config: { __proto__: { a: 1 } }`, ["4:11 SPEC_NAME"], /Rename/],
  "a number that JSON lacks": [`${HEAD}config: { a: .inf }`, ["4:14 SPEC_TYPE"], /quotes: "\.inf"/],
  "a number beyond precision": [
    `${HEAD}config: { a: 12345678901234567890 }`,
    ["4:14 SPEC_TYPE"],
    /quotes: "12345678901234567890"/,
  ],
  "an unknown alias": [`${HEAD}config: { a: *b }`, ["4:14 YAML_ALIAS"], /Define it first with &b/],
  "an alias inside its own value": [`${HEAD}config: { a: &a [*a] }`, ["4:18 YAML_ALIAS"]],
  "a merge of a word": [`${HEAD}config: { <<: x }`, ["4:11 SPEC_TYPE"], /<<: \*name/],
  "201 levels of brackets": ["a: " + "[".repeat(201), ["1:203 YAML_SYNTAX"], /brackets/],
};

for (const [holds, [text, at, fix]] of Object.entries(TEXTS)) {
  Deno.test(`parseWorkflow() explains a file that holds ${holds}`, () => {
    const { spec, diagnostics } = parseWorkflow(text);
    assert.deepEqual(
      diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`),
      at,
      diagnostics.map(formatDiagnostic).join("\n"),
    );
    assert.equal(spec, undefined);
    if (fix !== undefined) assert.match(diagnostics[0]?.fix ?? "", fix);
  });
}

Deno.test("parseWorkflow() names both places of a key that stands twice", () => {
  const { diagnostics } = parseWorkflow(`${HEAD}name: again\n`);
  assert.match(diagnostics[0]?.message ?? "", /"name".* it is at 1:1 and again at 4:1$/);
});

Deno.test("parseWorkflow() reads a byte order mark, CRLF and CR-free positions alike", () => {
  const crlf = HEAD.replaceAll("\n", "\r\n");
  assert.deepEqual(parseWorkflow(`\ufeff${crlf}`).spec, parseWorkflow(HEAD).spec);
  const { diagnostics } = parseWorkflow(`\ufeff${crlf}edgs: []\r\n`);
  assert.deepEqual(diagnostics.map(({ line, column }) => [line, column]), [[4, 1]]);
});

Deno.test("parseWorkflow() reports a mistake behind an alias once, where it stands", () => {
  const { diagnostics } = parseWorkflow(`name: demo
version: "1.0"
nodes:
  a: &a { path: a.ts, timeout: soon }
  b: *a
  c: { <<: *a }
`);
  assert.deepEqual(diagnostics.map(({ line, column, code }) => [line, column, code]), [
    [4, 32, "SPEC_DURATION"],
  ]);
});

Deno.test("parseWorkflow() lets a node and an input be called as members of objects", () => {
  const { spec, diagnostics } = parseWorkflow(`name: demo
version: "1.0"
inputs: { constructor: {}, toString: {} }
nodes:
  constructor: { path: a.ts }
  valueof: { path: a.ts, config: { hasOwnProperty: 1 } }
`);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(spec?.nodes.map(({ id }) => id), ["constructor", "valueof"]);
  assert.deepEqual(Object.keys(spec?.inputs ?? {}), ["constructor", "toString"]);
});
