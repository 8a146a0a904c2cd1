import type { Candidate, RunValues } from "../completion/mod.ts";
import { defaultStorageUrl, type RunRecord } from "../../engine/storage/mod.ts";
import { formatAgo, type Io } from "../terminal/mod.ts";
import { findRun } from "./find_run.ts";
import { openRunStorage, type RunStorage } from "../open_run_storage.ts";
import { findScope, type RunScope } from "./run_scope.ts";
import { shortIds } from "./short_ids.ts";
import { triggerText } from "./shown_run.ts";
import { shownValue } from "./shown_value.ts";

const MAX_RUNS = 100;

/** Which ids, nodes and workflows may come next in `pd runs …`. `words` come without the verb. */
export async function runCandidates(words: readonly string[], io: Io): Promise<RunValues> {
  const url = flagValue(words, "--storage") ?? io.env("PD_STORAGE");
  // To look is no reason to make a database.
  if (url === undefined && !await isThere(defaultStorageUrl(io.env))) {
    return { runs: [], nodes: [], workflows: [] };
  }
  await using at = await openRunStorage(url, io);
  const scope = await findScope(undefined, io.cwd);
  const typed = words.at(-1) ?? "";
  const runs = await at.storage.listRuns({
    limit: MAX_RUNS,
    ...scope.workflowKey === undefined ? {} : { workflowKey: scope.workflowKey },
  });
  return {
    runs: await runsOf(typed, runs, at),
    nodes: await nodesOf(words.slice(1, -1), at, scope),
    workflows: [...new Set(runs.map(({ workflow }) => workflow))].map((value) => ({
      value,
      description: "workflow",
    })),
  };
}

async function runsOf(
  typed: string,
  runs: readonly RunRecord[],
  at: RunStorage,
): Promise<readonly Candidate[]> {
  const ids = await shortIds(runs, at.storage);
  const now = Date.now();
  const known = runs.map(({ runId, workflow, status, trigger, createdAt }) => {
    const short = ids.get(runId) ?? runId;
    return {
      value: typed.length > short.length && runId.startsWith(typed) ? runId : short,
      description: [workflow, status, triggerText(shownValue(trigger)), formatAgo(createdAt, now)]
        .filter((part) => part !== "").join(", "),
    };
  });
  return known.length === 0 ? [] : [
    ...known,
    { value: "latest", description: "the newest" },
    { value: "latest:failed", description: "the newest that failed" },
  ];
}

/** The nodes of the run that one of the words names. */
async function nodesOf(
  words: readonly string[],
  at: RunStorage,
  scope: RunScope,
): Promise<readonly Candidate[]> {
  for (const word of words.filter((word) => !word.startsWith("-"))) {
    const run = await findRun(word, at, scope).catch(() => undefined);
    if (run === undefined) continue;
    return run.spec.nodes.map(({ id, description }) => ({
      value: id,
      description: description ?? "node",
    }));
  }
  return [];
}

function flagValue(words: readonly string[], flag: string): string | undefined {
  const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  return word === flag ? words[at + 1] : word.slice(flag.length + 1);
}

async function isThere(url: string): Promise<boolean> {
  const path = decodeURIComponent(url.replace(/^sqlite:\/\//, ""));
  return await Deno.stat(path).then(() => true, () => false);
}
