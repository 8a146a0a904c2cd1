import type { JsonObject } from "../../json/mod.ts";
import { byId, type DocumentWrite, type StoredDocument } from "../documents.ts";
import type { Database, Row } from "./database.ts";
import { parse, quoted } from "./rows.ts";

const COLUMNS = "kind, id, value, revision, updated_at";

/** One document. */
export function getDocument(db: Database, kind: string, id: string): StoredDocument | undefined {
  const row = db.get(
    `SELECT ${COLUMNS} FROM documents WHERE kind = ? AND id = ?`,
    quoted(kind),
    quoted(id),
  );
  return row === undefined ? undefined : toDocument(db, row);
}

/** All of a kind, by id. */
export function listDocuments(db: Database, kind: string): readonly StoredDocument[] {
  return byId(
    db.all(`SELECT ${COLUMNS} FROM documents WHERE kind = ?`, quoted(kind))
      .map((row) => toDocument(db, row)),
  );
}

/** Writes when the revision is the expected one, or whatever it is without one. Within a transaction. */
export function putDocument(
  db: Database,
  { kind, id, value, updatedAt }: DocumentWrite,
  expected: number | undefined,
): StoredDocument | undefined {
  const row = db.get(
    `INSERT INTO documents AS d (${COLUMNS}) SELECT ?1, ?2, ?3, 1, ?4
       WHERE ?5 IS NULL OR ?5 = 0 OR EXISTS (SELECT 1 FROM documents WHERE kind = ?1 AND id = ?2)
     ON CONFLICT (kind, id) DO UPDATE SET
       value = excluded.value, updated_at = excluded.updated_at, revision = d.revision + 1
       WHERE ?5 IS NULL OR d.revision = ?5
     RETURNING ${COLUMNS}`,
    quoted(kind),
    quoted(id),
    JSON.stringify(value),
    updatedAt,
    expected ?? null,
  );
  return row === undefined ? undefined : toDocument(db, row);
}

/** False when there is none. Within a transaction. */
export function removeDocument(db: Database, kind: string, id: string): boolean {
  return db.run(
    "DELETE FROM documents WHERE kind = ? AND id = ?",
    quoted(kind),
    quoted(id),
  ) === 1;
}

function toDocument(db: Database, row: Row): StoredDocument {
  return {
    kind: parse(db, row["kind"]) as string,
    id: parse(db, row["id"]) as string,
    revision: Number(row["revision"]),
    value: parse(db, row["value"]) as JsonObject,
    updatedAt: Number(row["updated_at"]),
  };
}
