/** JSON values: the type, and the check that a node's output is one. */
export type { JsonObject, JsonValue } from "./json_value.ts";
export { type SerializedOutput, serializeOutput } from "./serialize_output.ts";
