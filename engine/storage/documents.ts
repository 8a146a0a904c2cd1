import type { JsonObject } from "../json/mod.ts";

/** A small document that a server keeps beside its runs: a schedule, a repository, a template. */
export interface StoredDocument {
  /** `schedule`, `repository` … */
  readonly kind: string;
  /** Unique in its kind. */
  readonly id: string;
  /** 1 for the first, one more with each change. */
  readonly revision: number;
  readonly value: JsonObject;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
}

/** What is written of a document. */
export type DocumentWrite = Pick<StoredDocument, "kind" | "id" | "value" | "updatedAt">;

/** Documents, part of `Storage`. They never hold a secret. */
export interface DocumentStore {
  getDocument(kind: string, id: string): Promise<StoredDocument | undefined>;
  /** By id. */
  listDocuments(kind: string): Promise<readonly StoredDocument[]>;
  /**
   * Writes when the revision is still `expected` (0: there is none), or whatever it is without one. Undefined
   * when somebody else was faster.
   */
  putDocument(document: DocumentWrite, expected?: number): Promise<StoredDocument | undefined>;
  /** False when there is none. */
  removeDocument(kind: string, id: string): Promise<boolean>;
}

/** Documents by id. Databases order text each in its own way. */
export function byId(documents: readonly StoredDocument[]): readonly StoredDocument[] {
  return [...documents].sort((a, b) => a.id < b.id ? -1 : 1);
}
