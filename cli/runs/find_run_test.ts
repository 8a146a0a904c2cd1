import assert from "node:assert/strict";
import { DEAD, FOLDER, idAt, type SampleRun, START, succeeded, withRuns } from "./_sample_runs.ts";
import { findRun } from "./find_run.ts";
import type { RunStorage } from "../open_run_storage.ts";
import { ALL_RUNS } from "./run_scope.ts";

const ID = {
  old: idAt(START - 86_400_000, "aaa"),
  left: idAt(START, "b01"),
  twin: idAt(START, "b02"),
  other: idAt(START + 1_000, "ccc"),
  named: "nightly-2027",
};

const RUNS: readonly SampleRun[] = [
  succeeded({ id: ID.old, at: START - 86_400_000 }),
  { id: ID.left, owner: DEAD },
  succeeded({ id: ID.twin }),
  succeeded({ id: ID.other, at: START + 1_000, workflowKey: "/srv/other" }),
  succeeded({ id: ID.named, at: START + 2_000, workflowKey: "/srv/other" }),
];

const HERE = { workflowKey: FOLDER, folder: "." };

async function inRuns(test: (at: RunStorage) => Promise<void>): Promise<void> {
  await withRuns(RUNS, async (storage) => {
    await test({ storage, address: "memory:", [Symbol.asyncDispose]: () => Promise.resolve() });
  });
}

Deno.test("findRun() takes whole ids, beginnings, ends, and words for the newest", () =>
  inRuns(async (at) => {
    const texts: readonly [text: string, want: string, scope?: typeof ALL_RUNS][] = [
      [ID.old, ID.old],
      [ID.old.toUpperCase(), ID.old],
      [ID.old.slice(0, 13), ID.old],
      [ID.old.slice(0, 9), ID.old],
      [ID.other.replaceAll("-", "").slice(0, 14), ID.other],
      [ID.left.slice(0, 18), ID.left],
      [ID.left.slice(-8), ID.left],
      [ID.named, ID.named],
      ["latest", ID.named],
      ["latest", ID.twin, HERE],
      ["latest:interrupted", ID.left],
      ["LATEST:failed,succeeded", ID.twin, HERE],
    ];
    for (const [text, want, scope = ALL_RUNS] of texts) {
      assert.equal((await findRun(text, at, scope)).runId, want, text);
    }
  }));

Deno.test("findRun() names the runs that a short id may mean", () =>
  inRuns(async (at) => {
    await assert.rejects(findRun(ID.left.slice(0, 13), at, ALL_RUNS), {
      code: "RUN_AMBIGUOUS",
      message: `Cannot find "${ID.left.slice(0, 13)}" as a run: it may be ${
        ID.twin.slice(0, 18)
      }, ${ID.left.slice(0, 18)}`,
      fix: `pd runs show ${ID.twin.slice(0, 18)}`,
    });
  }));

Deno.test("findRun() says where it looked, and what is near", () =>
  inRuns(async (at) => {
    const typo = `${ID.old.slice(0, 12)}x`;
    await assert.rejects(findRun(typo, at, ALL_RUNS), {
      code: "RUN_NOT_FOUND",
      message: `Cannot find "${typo}" as a run: memory: has none with this id: did you mean "${
        ID.old.slice(0, 13)
      }"?`,
      fix: `pd runs show ${ID.old.slice(0, 13)}`,
    });
    await assert.rejects(findRun("zzzz", at, ALL_RUNS), {
      message: `Cannot find "zzzz" as a run: memory: has none with this id`,
      fix: "pd runs --all",
    });
    await assert.rejects(findRun("latest:failed", at, HERE), {
      code: "RUN_NOT_FOUND",
      message: `Cannot find "latest:failed" as a run: this folder in memory: has no failed run`,
      fix: "pd runs --all",
    });
    await assert.rejects(findRun("latest:faild", at, HERE), {
      code: "USAGE",
      fix: "latest:failed",
    });
  }));
