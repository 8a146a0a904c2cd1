/** Lies in `engine/json`, where the storage needs it too. */
export { type JsonMeasure, measureJson } from "../json/mod.ts";
