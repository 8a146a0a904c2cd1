/** JSON values: the type, the check that a node's output is one, and how large one is. */
export { type JsonMeasure, measureJson } from "./json_measure.ts";
export type { JsonObject, JsonValue } from "./json_value.ts";
export { type SerializedOutput, serializeOutput } from "./serialize_output.ts";
