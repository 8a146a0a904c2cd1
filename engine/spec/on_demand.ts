import type { JsonObject } from "../json/mod.ts";
import type { ParsedWorkflow, ParseOptions } from "./parse_workflow.ts";

/**
 * What needs the YAML and schema libraries, loaded when it is first called: they take 60 ms, and a run of
 * a workflow that was read before needs neither. The addresses are computed, as the runtime loads
 * whatever an import names literally, made or not.
 */
const PARSER = new URL("./parse_workflow.ts", import.meta.url).href;
const JSON_SCHEMA = new URL("./json_schema.ts", import.meta.url).href;

/** Reads the text of a workflow.yaml. Never rejects for what is in it: every problem is a diagnostic. */
export async function parseWorkflow(
  text: string,
  options: ParseOptions = {},
): Promise<ParsedWorkflow> {
  const parser: typeof import("./parse_workflow.ts") = await import(PARSER);
  return parser.parseWorkflow(text, options);
}

/** The JSON Schema (draft 7) of workflow.yaml, by which editors complete and check it. */
export async function workflowJsonSchema(): Promise<JsonObject> {
  const schema: typeof import("./json_schema.ts") = await import(JSON_SCHEMA);
  return schema.workflowJsonSchema();
}
