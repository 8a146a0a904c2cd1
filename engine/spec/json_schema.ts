import * as z from "zod";
import type { JsonObject } from "../json/mod.ts";
import { workflowSchema } from "./workflow_schema.ts";

let schema: JsonObject | undefined;

/**
 * The JSON Schema (draft-07) of workflow.yaml for editors: each key with its description, unknown keys
 * refused except under `config`. What spans several keys is checked by `parseWorkflow` alone.
 */
export function workflowJsonSchema(): JsonObject {
  // Made on demand: most commands never need it.
  schema ??= {
    ...z.toJSONSchema(workflowSchema, { target: "draft-7", io: "input" }) as JsonObject,
    title: "Pipedreamer workflow",
    description: "A workflow: a folder with this file and the modules of its nodes",
  };
  return schema;
}
