import { byId, type DocumentWrite, type StoredDocument } from "../documents.ts";

/** Documents by kind and id. Values are copied: who reads one may change it. */
export class Documents {
  readonly #kinds = new Map<string, Map<string, StoredDocument>>();

  get(kind: string, id: string): StoredDocument | undefined {
    return structuredClone(this.#kinds.get(kind)?.get(id));
  }

  list(kind: string): readonly StoredDocument[] {
    return byId(structuredClone([...this.#kinds.get(kind)?.values() ?? []]));
  }

  put(
    { kind, id, value, updatedAt }: DocumentWrite,
    expected: number | undefined,
  ): StoredDocument | undefined {
    const documents = this.#kinds.get(kind) ?? new Map<string, StoredDocument>();
    const revision = documents.get(id)?.revision ?? 0;
    if (expected !== undefined && revision !== expected) return undefined;
    const document = { kind, id, revision: revision + 1, value: structuredClone(value), updatedAt };
    this.#kinds.set(kind, documents.set(id, document));
    return structuredClone(document);
  }

  remove(kind: string, id: string): boolean {
    return this.#kinds.get(kind)?.delete(id) ?? false;
  }
}
