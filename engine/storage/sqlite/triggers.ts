import type { JsonValue } from "../../json/mod.ts";
import type { TriggerState } from "../records.ts";
import type { Database } from "./database.ts";
import { parse } from "./rows.ts";

/** State of one trigger. */
export function getTriggerState(
  db: Database,
  workflowKey: string,
  trigger: string,
): TriggerState | undefined {
  const row = db.get(
    "SELECT value, revision FROM trigger_states WHERE workflow_key = ? AND trigger = ?",
    workflowKey,
    trigger,
  );
  if (row === undefined) return undefined;
  return { value: parse(db, row["value"]) as JsonValue, revision: Number(row["revision"]) };
}

/** What `setTriggerState` writes. */
export interface StateWrite {
  readonly workflowKey: string;
  readonly trigger: string;
  readonly value: JsonValue;
  readonly expected: number;
}

/** Writes when the revision is the expected one; answers whether it was. Within a transaction. */
export function setTriggerState(
  db: Database,
  { workflowKey, trigger, value, expected }: StateWrite,
): boolean {
  const json = JSON.stringify(value);
  if (expected === 0) {
    return db.run(
      "INSERT OR IGNORE INTO trigger_states (workflow_key, trigger, value, revision) VALUES (?, ?, ?, 1)",
      workflowKey,
      trigger,
      json,
    ) === 1;
  }
  return db.run(
    `UPDATE trigger_states SET value = ?, revision = revision + 1
     WHERE workflow_key = ? AND trigger = ? AND revision = ?`,
    json,
    workflowKey,
    trigger,
    expected,
  ) === 1;
}
