import type { JsonValue } from "../../json/mod.ts";
import type { TriggerState } from "../records.ts";
import type { Database } from "./database.ts";
import { json } from "./rows.ts";

/** The state of a trigger, or `undefined` when it has none. */
export async function getTriggerState(
  db: Database,
  workflowKey: string,
  trigger: string,
): Promise<TriggerState | undefined> {
  const [row] = await db.query({
    text: `SELECT value, revision FROM ${db.address.schema}.trigger_states
      WHERE workflow_key = $1 AND trigger = $2`,
    values: [workflowKey, trigger],
  });
  return row === undefined
    ? undefined
    : { value: json(row["value"]) as JsonValue, revision: Number(row["revision"]) };
}

/** A change of the state of one trigger. */
export interface StateChange {
  readonly workflowKey: string;
  readonly trigger: string;
  readonly value: JsonValue;
  /** Revision that it must have now; 0 when there must be none. */
  readonly expected: number;
}

/** Compares and sets. Each write has an id, by which a repeated one knows itself. */
export async function setTriggerState(
  db: Database,
  { workflowKey, trigger, value, expected }: StateChange,
): Promise<boolean> {
  const table = `${db.address.schema}.trigger_states`;
  const rows = await db.query({
    text: expected === 0
      ? `INSERT INTO ${table} AS t (workflow_key, trigger, value, revision, write_id)
        VALUES ($1, $2, $3, $4::bigint + 1, $5)
        ON CONFLICT (workflow_key, trigger) DO UPDATE SET write_id = excluded.write_id
        WHERE t.write_id = excluded.write_id
        RETURNING revision`
      : `UPDATE ${table} SET value = $3, revision = $4::bigint + 1, write_id = $5
        WHERE workflow_key = $1 AND trigger = $2 AND (revision = $4::bigint OR write_id = $5)
        RETURNING revision`,
    values: [workflowKey, trigger, JSON.stringify(value), expected, WRITER + ++writes],
  });
  return rows.length > 0;
}

const WRITER = `${crypto.randomUUID()}/`;
let writes = 0;
