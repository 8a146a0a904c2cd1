import assert from "node:assert/strict";
import { START } from "./_conformance_fixture.ts";
import type { ConformanceCase } from "./conformance.ts";
import type { DocumentWrite } from "./documents.ts";

/** Documents that a server keeps beside its runs. */
export const DOCUMENT_CASES: readonly ConformanceCase[] = [
  {
    does: "keeps a document, and counts its revisions",
    async test({ storage, other }) {
      assert.equal(await storage.getDocument("schedule", "daily"), undefined);
      const first = await storage.putDocument(document("daily", { at: 1 }));
      assert.deepEqual(first, {
        kind: "schedule",
        id: "daily",
        revision: 1,
        value: { at: 1 },
        updatedAt: START,
      });
      const later = { ...document("daily", { at: 2 }), updatedAt: START + 5 };
      const second = await other.putDocument(later);
      assert.deepEqual(second, { ...later, revision: 2 });
      assert.deepEqual(await storage.getDocument("schedule", "daily"), second);
      assert.equal(await storage.getDocument("repository", "daily"), undefined);
    },
  },
  {
    does: "writes a document only at the revision that is expected",
    async test({ storage, other }) {
      assert.equal(await storage.putDocument(document("a", { n: 1 }), 1), undefined);
      assert.equal((await storage.putDocument(document("a", { n: 1 }), 0))?.revision, 1);
      assert.equal(await other.putDocument(document("a", { n: 2 }), 0), undefined);
      assert.equal((await other.putDocument(document("a", { n: 2 }), 1))?.revision, 2);
      assert.equal(await storage.putDocument(document("a", { n: 3 }), 1), undefined);
      assert.deepEqual((await storage.getDocument("schedule", "a"))?.value, { n: 2 });
    },
  },
  {
    does: "lets one of many concurrent writers of a document's revision win",
    async test({ storage, other }) {
      for (const expected of [0, 1, 2]) {
        const won = await Promise.all(
          Array.from(
            { length: 20 },
            (_, n) => (n % 2 === 0 ? storage : other).putDocument(document("a", { n }), expected),
          ),
        );
        const [winner, ...more] = won.filter((one) => one !== undefined);
        assert.deepEqual(more, []);
        assert.equal(winner?.revision, expected + 1);
        assert.deepEqual(await storage.getDocument("schedule", "a"), winner);
      }
    },
  },
  {
    does: "gives each of concurrent writers without a revision one of its own",
    async test({ storage, other }) {
      const written = await Promise.all(
        Array.from(
          { length: 20 },
          (_, n) => (n % 2 === 0 ? storage : other).putDocument(document("a", { n })),
        ),
      );
      const revisions = written.map((one) => one?.revision ?? 0).sort((a, b) => a - b);
      assert.deepEqual(revisions, Array.from({ length: 20 }, (_, index) => index + 1));
      const last = written.find((one) => one?.revision === 20);
      assert.deepEqual(await other.getDocument("schedule", "a"), last);
    },
  },
  {
    does: "lists the documents of one kind by id, whatever characters are in it",
    async test({ storage, other }) {
      assert.deepEqual(await storage.listDocuments("schedule"), []);
      const ids = ["b", "a-2", "a", "é/../x", "A", "nul\0", "half \ud800", "\u{1f995}", ""];
      for (const id of ids) await storage.putDocument(document(id, { id }));
      await storage.putDocument({ ...document("other", {}), kind: "repository" });
      const listed = await other.listDocuments("schedule");
      assert.deepEqual(listed.map(({ id }) => id), ids.toSorted());
      for (const { id, value, revision } of listed) {
        assert.deepEqual([value, revision], [{ id }, 1]);
        assert.deepEqual((await other.getDocument("schedule", id))?.value, { id });
      }
    },
  },
  {
    does: "removes a document, and begins anew with its first revision",
    async test({ storage, other }) {
      await storage.putDocument(document("a", { n: 1 }));
      await storage.putDocument(document("a", { n: 2 }));
      assert.equal(await other.removeDocument("repository", "a"), false);
      assert.equal(await other.removeDocument("schedule", "a"), true);
      assert.equal(await storage.removeDocument("schedule", "a"), false);
      assert.equal(await storage.getDocument("schedule", "a"), undefined);
      assert.deepEqual(await storage.listDocuments("schedule"), []);
      assert.equal(await storage.putDocument(document("a", { n: 3 }), 2), undefined);
      assert.equal((await storage.putDocument(document("a", { n: 3 }), 0))?.revision, 1);
    },
  },
  {
    does: "gives documents out as copies",
    async test({ storage }) {
      const value = { list: [1, 2] };
      await storage.putDocument(document("a", value));
      value.list.push(3);
      const read = await storage.getDocument("schedule", "a");
      (read?.value["list"] as number[]).push(4);
      assert.deepEqual((await storage.getDocument("schedule", "a"))?.value, { list: [1, 2] });
    },
  },
];

function document(id: string, value: DocumentWrite["value"]): DocumentWrite {
  return { kind: "schedule", id, value, updatedAt: START };
}
