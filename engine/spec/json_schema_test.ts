import assert from "node:assert/strict";
import { parse } from "yaml";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { workflowJsonSchema } from "./json_schema.ts";
import { parseWorkflow } from "./parse_workflow.ts";

/** Complete workflows: the base files, and the examples of the page on the format. */
function examples(): { [name: string]: string } {
  const found: { [name: string]: string } = {};
  for (const name of ["digest.yaml", "everything.yaml", "anchors.yaml", "tiny.yaml"]) {
    found[name] = Deno.readTextFileSync(new URL(`./testdata/${name}`, import.meta.url));
  }
  const page = new URL("../../docs/concepts/workflow-format.md", import.meta.url);
  const blocks = Deno.readTextFileSync(page).matchAll(/^```yaml\n(.*?)^```$/gms);
  for (const [index, [, text = ""]] of [...blocks].entries()) {
    if (/^name:/m.test(text)) found[`workflow-format.md block ${index + 1}`] = text;
  }
  return found;
}

/** Whether `value` follows `schema`, for the words of draft-07 that the schema uses. */
function follows(schema: JsonObject, value: JsonValue): boolean {
  const known = [
    ...["$schema", "title", "description", "examples", "type", "const", "enum", "anyOf", "pattern"],
    ...["minimum", "maximum", "exclusiveMinimum", "minItems", "items", "properties", "required"],
    ...["propertyNames", "additionalProperties"],
  ];
  for (const word of Object.keys(schema)) assert.ok(known.includes(word), `unknown word ${word}`);
  const { anyOf, enum: words, pattern } = schema;
  if (Array.isArray(anyOf)) return anyOf.some((option) => follows(option as JsonObject, value));
  if ("const" in schema && schema["const"] !== value) return false;
  if (Array.isArray(words) && !words.includes(value)) return false;
  switch (schema["type"]) {
    case "string":
      return typeof value === "string" &&
        (typeof pattern !== "string" || new RegExp(pattern, "u").test(value));
    case "boolean":
      return typeof value === "boolean";
    case "integer":
    case "number":
      return typeof value === "number" && value >= Number(schema["minimum"] ?? -Infinity) &&
        value <= Number(schema["maximum"] ?? Infinity) &&
        value > Number(schema["exclusiveMinimum"] ?? -Infinity) &&
        (schema["type"] === "number" || Number.isInteger(value));
    case "array":
      return Array.isArray(value) && value.length >= Number(schema["minItems"] ?? 0) &&
        value.every((item: JsonValue) => follows((schema["items"] ?? {}) as JsonObject, item));
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value) &&
        followsObject(schema, value as JsonObject);
    default:
      return true;
  }
}

function followsObject(schema: JsonObject, value: JsonObject): boolean {
  const properties = (schema["properties"] ?? {}) as { readonly [key: string]: JsonObject };
  const required = (schema["required"] ?? []) as readonly string[];
  const names = schema["propertyNames"] as JsonObject | undefined;
  const others = schema["additionalProperties"];
  return required.every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, item]) => {
      if (names !== undefined && !follows(names, key)) return false;
      if (Object.hasOwn(properties, key)) return follows(properties[key] ?? {}, item);
      return typeof others === "object" ? follows(others as JsonObject, item) : others !== false;
    });
}

function visit(
  value: JsonValue,
  path: string,
  see: (node: JsonObject, path: string) => void,
): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) see(value as JsonObject, path);
  for (const [key, item] of Object.entries(value)) visit(item, `${path}/${key}`, see);
}

Deno.test("workflowJsonSchema() is stable", async (t) => {
  await t.assertSnapshot(JSON.stringify(workflowJsonSchema(), null, 2));
});

Deno.test("workflowJsonSchema() describes every key and refuses unknown ones but under config", () => {
  const undescribed: string[] = [];
  const open: string[] = [];
  visit(workflowJsonSchema(), "", (node, path) => {
    if (node["type"] !== "object" || typeof node["properties"] !== "object") return;
    for (const [key, value] of Object.entries(node["properties"] as JsonObject)) {
      if (!Object.hasOwn(value as JsonObject, "description")) undescribed.push(`${path}/${key}`);
    }
    if (node["additionalProperties"] !== false) open.push(path);
  });
  assert.deepEqual(undescribed, []);
  assert.deepEqual(open, ["/properties/config"]);
});

for (const [name, text] of Object.entries(examples())) {
  Deno.test(`workflowJsonSchema() and parseWorkflow() accept ${name}`, () => {
    assert.ok(follows(workflowJsonSchema(), parse(text, { merge: true }) as JsonValue));
    assert.deepEqual(parseWorkflow(text).diagnostics, []);
  });
}

Deno.test("workflowJsonSchema() refuses what an editor should underline", () => {
  const valid = { name: "a", version: "1.0", nodes: { a: { path: "./a.ts" } } };
  assert.ok(follows(workflowJsonSchema(), valid));
  const invalid: JsonValue[] = [
    [],
    {},
    { ...valid, nme: "x" },
    { ...valid, name: "A" },
    { ...valid, version: 1 },
    { ...valid, nodes: { A: { path: "./a.ts" } } },
    { ...valid, nodes: { a: { path: "./a.ts", run: "x" } } },
    { ...valid, nodes: { a: {} } },
    { ...valid, nodes: { a: { path: "./a.ts", timeout: "soon" } } },
    { ...valid, nodes: { a: { path: "./a.ts", retries: -1 } } },
    { ...valid, triggers: [{ type: "cron" }] },
    { ...valid, triggers: [{ type: "crom", schedule: "@daily" }] },
    { ...valid, config: { execution: "eagr" } },
  ];
  for (const value of invalid) {
    assert.ok(!follows(workflowJsonSchema(), value), JSON.stringify(value));
  }
});
