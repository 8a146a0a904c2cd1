import assert from "node:assert/strict";
import type { RunUpdate } from "../records.ts";
import { AppendBatch, type PendingAppend } from "./append_batch.ts";
import { notifications } from "./change_feed.ts";
import { arrayOf } from "./database.ts";

function pending(
  runId: string,
  seqs: readonly number[],
  options: { readonly token?: number; readonly update?: RunUpdate; readonly size?: number } = {},
): PendingAppend {
  const { token = 1, update, size = 10 } = options;
  return {
    append: {
      lease: { runId, ownerId: "me", token },
      events: seqs.map((seq) => ({ runId, seq, at: 1, kind: "node.skipped", node: "a" })),
      ...update === undefined ? {} : { update },
    },
    texts: seqs.map((seq) => `{"seq":${seq}}`),
    size,
    resolve() {},
    reject() {},
  };
}

Deno.test("AppendBatch takes what goes on where the same lease left off, and leaves the rest for later", () => {
  const batch = new AppendBatch();
  const rows: [string, PendingAppend, boolean][] = [
    ["the first of a run", pending("a", [1, 2]), true],
    ["what follows", pending("a", [3]), true],
    ["a gap", pending("a", [5]), false],
    ["another token", pending("a", [4], { token: 2 }), false],
    ["an update alone", pending("a", [], { update: { startedAt: 7 } }), true],
    ["another run", pending("b", [9]), true],
    ["the end of a run", pending("a", [4], { update: { status: "succeeded" } }), true],
    ["what comes behind the end", pending("a", [5]), false],
    ["more than fits", pending("c", [1], { size: 5_000_000 }), false],
  ];
  for (const [name, append, fits] of rows) assert.equal(batch.add(append), fits, name);
  assert.deepEqual(batch.runIds, ["a", "b"]);
});

Deno.test("AppendBatch takes one append of any size when it has none", () => {
  assert.equal(new AppendBatch().add(pending("a", [1], { size: 50_000_000 })), true);
});

Deno.test("AppendBatch makes one statement of all of its runs", () => {
  const batch = new AppendBatch();
  batch.add(pending("a", [1]));
  batch.add(pending("a", [2], { update: { status: "failed", error: 'NO: "x"\0' } }));
  batch.add(pending("b", [7]));
  const { values } = batch.statement("runs", { feedId: "me", repeats: new Set(["b"]) });
  assert.deepEqual(values.slice(0, 7), [
    '{"a","b"}',
    '{"me","me"}',
    "{1,1}",
    "{1,7}",
    "{2,7}",
    '{"f","t"}',
    '{"failed",NULL}',
  ]);
  assert.ok(!String(values[9]).includes("\0"), "a server takes no NUL");
  assert.deepEqual(values.slice(10), [
    '{"a","a","b"}',
    "{1,2,7}",
    '{"{\\"seq\\":1}","{\\"seq\\":2}","{\\"seq\\":7}"}',
    "runs_runs",
    '{"me a b"}',
  ]);
});

Deno.test("AppendBatch reads what became of each run", () => {
  const outcomes = new AppendBatch().outcomes([
    { run_id: "a", last_seq: 3, is_next: true },
    { run_id: "b", last_seq: 5, is_next: false },
  ]);
  assert.deepEqual([...outcomes], [
    ["a", { status: "done" }],
    ["b", { status: "gap", lastSeq: 5 }],
  ]);
});

Deno.test("notifications() parts many runs into payloads that a server takes", () => {
  const ids = Array.from({ length: 1_000 }, () => crypto.randomUUID());
  const payloads = notifications("me", ids);
  assert.ok(payloads.every((payload) => payload.length < 8_000));
  assert.deepEqual(payloads.flatMap((payload) => payload.split(" ").slice(1)), ids);
  assert.ok(payloads.every((payload) => payload.startsWith("me ")));
});

Deno.test("arrayOf() writes arrays as the server reads them", () => {
  assert.equal(
    arrayOf(["a,b", 'c"d\\', "{}", "", "NULL", null, undefined, 7]),
    [
      '{"a,b","c\\"d\\\\","{}","","NULL",NULL,NULL,7}',
    ][0],
  );
  assert.equal(arrayOf([]), "{}");
});
