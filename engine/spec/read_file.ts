import type * as z from "zod";
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { didYouMean } from "../words/mod.ts";
import { isMap } from "./json_map.ts";
import { keyFlaw, leafProblems, nounOf, sampleOf } from "./explain.ts";
import { anyNodeSchema, NODE_KINDS, nodeSchema } from "./node_schema.ts";
import { describe, nameOf, type Problem, problemAt, quoted } from "./problem.ts";
import { TRIGGER_KINDS, triggerSchema } from "./trigger_schema.ts";
import { type WorkflowFile, workflowSchema } from "./workflow_schema.ts";

/** What could be read of a file: everything that the schema allows, without what it does not. */
export interface FileReading {
  /**
   * Follows the schema but for gaps: a refused key is missing, a refused list item is `undefined`. Without
   * problems it has none, and is the file as written.
   */
  readonly file: WorkflowFile;
  readonly problems: readonly Problem[];
}

/** Asks how a value was written, for fixes that quote it. */
export type SourceOf = (path: readonly (string | number)[]) => string | undefined;

interface Reading {
  readonly problems: Problem[];
  readonly sourceOf: SourceOf;
  /** Where the reading stands; copied into problems. */
  readonly path: (string | number)[];
}

const REFUSED = Symbol("refused");
type Read = JsonValue | typeof REFUSED | undefined;
type Shape = { readonly [key: string]: z.core.$ZodType };

/**
 * Checks `value` against the schema of workflow.yaml and reports every problem. It walks the schema
 * instead of calling its parse: so each problem knows the keys that were allowed at its place, a node is
 * read as the kind it means to be, and the good parts of a bad file survive.
 */
export function readFile(value: JsonObject, sourceOf: SourceOf): FileReading {
  const reading: Reading = { problems: [], sourceOf, path: [] };
  const file = read(reading, workflowSchema, value);
  return { file: file as unknown as WorkflowFile, problems: reading.problems };
}

function read(r: Reading, schema: z.core.$ZodType, value: JsonValue): Read {
  if (schema === nodeSchema) return readNode(r, value);
  if (schema === triggerSchema) return readTrigger(r, value);
  const { def } = schema._zod;
  switch (def.type) {
    case "optional":
      return read(r, (def as z.core.$ZodOptionalDef).innerType, value);
    case "lazy":
      return read(r, (schema as z.ZodLazy)._zod.innerType, value);
    case "object":
      return readObject(r, schema as z.ZodObject, value);
    case "record":
      return readRecord(r, schema as z.ZodRecord, value);
    case "array":
      return readList(r, schema as z.ZodArray, value);
    case "union":
      return readUnion(r, schema as z.ZodUnion, value);
    case "unknown":
      return value;
    default:
      return readLeaf(r, schema as z.ZodType, value);
  }
}

function readLeaf(r: Reading, schema: z.ZodType, value: JsonValue): Read {
  const problems = leafProblems(schema, value, { path: r.path, sourceOf: r.sourceOf });
  if (problems.length === 0) return value;
  r.problems.push(...problems);
  return REFUSED;
}

function readObject(r: Reading, schema: z.ZodObject, value: JsonValue): Read {
  if (!isMap(value)) return refuseType(r, schema, value);
  const shape: Shape = schema.shape;
  const open = schema.def.catchall?._zod.def.type === "unknown";
  const result: { [key: string]: unknown } = {};
  for (const [key, item] of Object.entries(value)) {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (field !== undefined) {
      r.path.push(key);
      const kept = read(r, field, item);
      r.path.pop();
      if (kept !== REFUSED) result[key] = kept;
    } else if (open) result[key] = item;
    else {
      r.problems.push(problemAt([...r.path, key], keyFlaw(key, value, shape), { at: "key" }));
    }
  }
  for (const [key, field] of Object.entries(shape)) {
    if (field._zod.def.type === "optional" || Object.hasOwn(value, key)) continue;
    // A typing mistake in the key itself was reported above; naming both would be one too many.
    if (isMistyped(key, value, shape)) continue;
    refuseMissing(r, key, field);
  }
  return result as JsonObject;
}

function isMistyped(key: string, value: JsonObject, shape: Shape): boolean {
  return Object.keys(value).some((other) =>
    !Object.hasOwn(shape, other) && didYouMean(other, [key]) === key
  );
}

function readRecord(r: Reading, schema: z.ZodRecord, value: JsonValue): Read {
  if (!isMap(value)) return refuseType(r, schema, value);
  const item = schema.def.valueType;
  if (item._zod.def.type === "unknown") return value;
  const result: { [key: string]: unknown } = {};
  for (const [key, entry] of Object.entries(value)) {
    r.path.push(key);
    const kept = read(r, item, entry);
    r.path.pop();
    if (kept !== REFUSED) result[key] = kept;
  }
  return result as JsonObject;
}

function readList(r: Reading, schema: z.ZodArray, value: JsonValue): Read {
  if (!Array.isArray(value)) return refuseType(r, schema, value);
  if (value.length === 0 && schema.safeParse(value).success === false) {
    r.problems.push(problemAt(r.path, {
      code: "SPEC_VALUE",
      rule: "it must have at least one entry",
      state: "it is an empty list",
      fix: { write: sampleOf(schema) ?? "[…]" },
    }));
    return REFUSED;
  }
  return value.map((entry: JsonValue, index) => {
    r.path.push(index);
    const kept = read(r, schema.element, entry);
    r.path.pop();
    return kept === REFUSED ? undefined : kept;
  }) as JsonValue;
}

function readUnion(r: Reading, schema: z.ZodUnion, value: JsonValue): Read {
  const option = schema.options.find((candidate) => fits(candidate._zod.def.type, value));
  return option === undefined ? refuseType(r, schema, value) : read(r, option, value);
}

function fits(type: string, value: JsonValue): boolean {
  if (Array.isArray(value)) return type === "array";
  if (typeof value === "object") return value !== null && (type === "object" || type === "record");
  const own: string = typeof value;
  return type === own;
}

/** A trigger is of the kind that its `type` says. */
function readTrigger(r: Reading, value: JsonValue): Read {
  if (!isMap(value)) return refuseType(r, triggerSchema, value);
  const wanted = Object.hasOwn(value, "type") ? value["type"] : undefined;
  if (typeof wanted === "string" && Object.hasOwn(TRIGGER_KINDS, wanted)) {
    const kind = wanted as keyof typeof TRIGGER_KINDS;
    return readObject(r, TRIGGER_KINDS[kind]._zod.innerType, value);
  }
  const names = Object.keys(TRIGGER_KINDS);
  const near = typeof wanted === "string" ? didYouMean(wanted, names) : undefined;
  const isMissing = wanted === undefined;
  r.problems.push(problemAt(isMissing ? r.path : [...r.path, "type"], {
    code: isMissing ? "SPEC_MISSING_KEY" : "SPEC_VALUE",
    rule: `the type of a trigger is one of ${names.join(", ")}`,
    state: isMissing ? "the key is missing" : `it is ${describe(wanted)}`,
    fix: { say: `${isMissing ? `Add to ${nameOf(r.path)}: ` : ""}type: ${near ?? names[0]}` },
  }, { at: isMissing ? "key" : "value" }));
  return REFUSED;
}

/** A node is of the kind whose key it has; with none or several, all its other keys are still checked. */
function readNode(r: Reading, value: JsonValue): Read {
  if (!isMap(value)) {
    const isPath = typeof value === "string" && /^\.\/[\w./-]+$/.test(value);
    r.problems.push(problemAt(r.path, {
      code: value === null ? "SPEC_NODE_KIND" : "SPEC_TYPE",
      rule: "a node is a map with path, run, command or workflow",
      state: `it is ${describe(value)}`,
      fix: { write: `{ path: ${isPath ? value : "./nodes/fetch.ts"} }` },
    }, { at: value === null ? "key" : "value" }));
    return REFUSED;
  }
  const kinds = Object.keys(NODE_KINDS).filter((key) => Object.hasOwn(value, key));
  const [kind] = kinds;
  if (kinds.length === 1 && kind !== undefined) {
    return readObject(r, NODE_KINDS[kind as keyof typeof NODE_KINDS]._zod.innerType, value);
  }
  if (kinds.length > 1 || !isMistyped("path", value, anyNodeSchema._zod.innerType.shape)) {
    r.problems.push(problemAt(r.path, {
      code: "SPEC_NODE_KIND",
      rule: "a node has exactly one of path, run, command and workflow",
      state: kinds.length === 0 ? "it has none" : `it has ${kinds.join(" and ")}`,
      fix: {
        say: kinds.length === 0
          ? `Add to ${quoted(nameOf(r.path))}: path: ./nodes/${lastOf(r.path)}.ts`
          : `Keep one of ${kinds.join(", ")}, and make a node of its own for the other`,
      },
    }, { at: "key" }));
  }
  return readObject(r, anyNodeSchema._zod.innerType, value);
}

function lastOf(path: readonly (string | number)[]): string {
  return String(path.at(-1)).replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 60);
}

function refuseType(r: Reading, schema: z.core.$ZodType, value: JsonValue): Read {
  r.problems.push(problemAt(r.path, {
    code: "SPEC_TYPE",
    rule: `it must be ${nounOf(schema)}`,
    state: `it is ${describe(value)}`,
    fix: value === null
      ? { say: `Remove the key ${quoted(String(r.path.at(-1)))}, or give it a value` }
      : sampleOf(schema) === undefined
      ? { say: `Write ${nounOf(schema)} below ${quoted(nameOf(r.path))}` }
      : { write: sampleOf(schema) ?? "" },
  }));
  return REFUSED;
}

function refuseMissing(r: Reading, key: string, field: z.core.$ZodType): void {
  const where = r.path.length === 0 ? "workflow.yaml" : nameOf(r.path);
  const sample = sampleOf(field);
  r.problems.push(problemAt(r.path, {
    code: "SPEC_MISSING_KEY",
    rule: `it needs the key ${quoted(key)}`,
    state: "the key is missing",
    fix: { say: `Add to ${where}: ${key}: ${sample ?? "…"}` },
  }, { at: "key" }));
}
