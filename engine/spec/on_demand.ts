import type { JsonObject } from "../json/mod.ts";
import type { Compile, PipelinesReading, PipelinesText } from "./formats/mod.ts";
import type { ParsedWorkflow, ParseOptions } from "./parse_workflow.ts";

/**
 * What needs the YAML and schema libraries, loaded when it is first called: they take 60 ms, and a run of
 * a workflow that was read before needs neither. The addresses are computed, as the runtime loads
 * whatever an import names literally, made or not.
 */
const PARSER = new URL("./parse_workflow.ts", import.meta.url).href;
const PIPELINES = new URL("./formats/read_pipelines.ts", import.meta.url).href;
const SCHEDULE = new URL("./schedule_flaw.ts", import.meta.url).href;
const JSON_SCHEMA = new URL("./json_schema.ts", import.meta.url).href;

/** Reads the text of a workflow.yaml. Never rejects for what is in it: every problem is a diagnostic. */
export async function parseWorkflow(
  text: string,
  options: ParseOptions = {},
): Promise<ParsedWorkflow> {
  const parser: typeof import("./parse_workflow.ts") = await import(PARSER);
  return parser.parseWorkflow(text, options);
}

/** What is wrong with a schedule. */
export interface ScheduleFlaw {
  readonly part: "schedule" | "timezone";
  readonly state: string;
  readonly fix: string;
}

/** What is wrong with a cron expression or its time zone; undefined when nothing is. */
export async function scheduleFlaw(
  given: { readonly schedule: string; readonly timezone: string },
): Promise<ScheduleFlaw | undefined> {
  const checks: typeof import("./schedule_flaw.ts") = await import(SCHEDULE);
  return checks.scheduleFlaw(given);
}

/** The JSON Schema (draft 7) of workflow.yaml, by which editors complete and check it. */
export async function workflowJsonSchema(): Promise<JsonObject> {
  const schema: typeof import("./json_schema.ts") = await import(JSON_SCHEMA);
  return schema.workflowJsonSchema();
}

/**
 * Reads the texts of `pipelines.yml` files, each pipeline to one `WorkflowSpec`, and compiles it. Never rejects
 * for what is in them: every problem of all of them is a diagnostic. Of two pipelines with one name, the first
 * counts.
 *
 * @param compile That of engine/compiler.
 */
export async function readPipelines(
  files: readonly PipelinesText[],
  compile: Compile,
): Promise<PipelinesReading> {
  const reader: {
    readPipelines(files: readonly PipelinesText[], compile: Compile): PipelinesReading;
  } = await import(PIPELINES);
  return reader.readPipelines(files, compile);
}
