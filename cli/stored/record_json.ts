import type { JsonValue } from "../../engine/json/mod.ts";
import type { StoredWorkflowRecord } from "../../engine/storage/mod.ts";

/** A version of a stored pipeline under `-o json`. */
export function recordJson(record: StoredWorkflowRecord): { [key: string]: JsonValue } {
  const { id, name, version, kind, driver, source, hash, createdAt } = record;
  return { id, name, version, kind, driver: driver ?? null, source, hash, createdAt };
}
