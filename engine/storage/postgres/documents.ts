import type { JsonObject } from "../../json/mod.ts";
import { byId, type DocumentWrite, type StoredDocument } from "../documents.ts";
import type { Database, Row } from "./database.ts";
import { json, quoted } from "./rows.ts";

const COLUMNS = "kind, id, value, revision, updated_at";

/** One document. */
export async function getDocument(
  db: Database,
  kind: string,
  id: string,
): Promise<StoredDocument | undefined> {
  const [row] = await db.query({
    text: `SELECT ${COLUMNS} FROM ${db.address.schema}.documents WHERE kind = $1 AND id = $2`,
    values: [quoted(kind), quoted(id)],
  });
  return row === undefined ? undefined : toDocument(row);
}

/** All of a kind, by id. */
export async function listDocuments(
  db: Database,
  kind: string,
): Promise<readonly StoredDocument[]> {
  const rows = await db.query({
    text: `SELECT ${COLUMNS} FROM ${db.address.schema}.documents WHERE kind = $1`,
    values: [quoted(kind)],
  });
  return byId(rows.map(toDocument));
}

/**
 * Writes when the revision is the expected one, or whatever it is without one. Each write has an id, by which a
 * repeated one knows itself.
 */
export async function putDocument(
  db: Database,
  { kind, id, value, updatedAt }: DocumentWrite,
  expected: number | undefined,
): Promise<StoredDocument | undefined> {
  const table = `${db.address.schema}.documents`;
  const insert = `INSERT INTO ${table} AS d (${COLUMNS}, write_id)
    VALUES ($1, $2, $3, 1, $4::bigint, $5) ON CONFLICT (kind, id) DO UPDATE SET`;
  const values = [quoted(kind), quoted(id), JSON.stringify(value), updatedAt, crypto.randomUUID()];
  const statement = expected === undefined
    ? {
      text: `${insert} value = excluded.value, updated_at = excluded.updated_at,
          revision = CASE WHEN d.write_id = excluded.write_id THEN d.revision ELSE d.revision + 1 END,
          write_id = excluded.write_id
        RETURNING ${COLUMNS}`,
      values,
    }
    : expected === 0
    ? {
      text: `${insert} write_id = excluded.write_id WHERE d.write_id = excluded.write_id
        RETURNING ${COLUMNS}`,
      values,
    }
    : {
      text: `UPDATE ${table}
        SET value = $3, updated_at = $4::bigint, write_id = $5, revision = $6::bigint + 1
        WHERE kind = $1 AND id = $2 AND (revision = $6::bigint OR write_id = $5)
        RETURNING ${COLUMNS}`,
      values: [...values, expected],
    };
  const [row] = await db.query(statement);
  return row === undefined ? undefined : toDocument(row);
}

/** False when there is none. */
export async function removeDocument(db: Database, kind: string, id: string): Promise<boolean> {
  let wasRepeated = false;
  const rows = await db.query((isRepeat) => {
    wasRepeated ||= isRepeat;
    return {
      text: `DELETE FROM ${db.address.schema}.documents WHERE kind = $1 AND id = $2 RETURNING id`,
      values: [quoted(kind), quoted(id)],
    };
  });
  // What an earlier try has removed cannot be told from what was never there.
  return rows.length > 0 || wasRepeated;
}

function toDocument(row: Row): StoredDocument {
  return {
    kind: json(row["kind"]) as string,
    id: json(row["id"]) as string,
    revision: Number(row["revision"]),
    value: json(row["value"]) as JsonObject,
    updatedAt: Number(row["updated_at"]),
  };
}
