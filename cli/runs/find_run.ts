import { CodedError } from "../../engine/errors/mod.ts";
import type { RunStatus } from "../../engine/executor/mod.ts";
import type { RunRecord, StoredRun } from "../../engine/storage/mod.ts";
import { didYouMean } from "../../engine/words/mod.ts";
import { hintAt, UsageError } from "../usage_error.ts";
import { listShown } from "./list_shown.ts";
import type { RunStorage } from "../open_run_storage.ts";
import { readStatuses } from "./read_flags.ts";
import { placeOf, type RunScope } from "./run_scope.ts";
import { shortIdAmong } from "./short_ids.ts";

const PAGE = 1_000;
/** As many of those that an ambiguous text may mean are told. */
const MAX_MEANT = 5;
/** How many of the newest runs an end of an id is looked for among. */
const LOOKED_AT = 5_000;
const MIN_PREFIX = 4;
const MIN_SUFFIX = 6;
/** A run's id is drawn a moment before or after the run is accepted, seldom a longer one. */
const CLOSE_MS = 10;
const SLACK_MS = 1_000;

/**
 * The run that a text means: `latest` and `latest:failed` of the scope, else the run of that id, with
 * that beginning, or with that end.
 *
 * @throws {PdError} `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `USAGE`
 */
export async function findRun(
  text: string,
  at: RunStorage,
  scope: RunScope,
): Promise<StoredRun> {
  const wanted = text.trim().toLowerCase();
  if (/^latest(:|$)/.test(wanted)) return await findLatest(wanted, at, scope);
  const exact = await at.storage.getRun(text) ?? await at.storage.getRun(wanted);
  if (exact !== undefined) return exact;
  const meant = await startingWith(wanted, at);
  if (meant.length === 0) meant.push(...await endingWith(wanted, at));
  const [only] = meant;
  if (only === undefined) throw await notFound(text, at);
  if (meant.length > 1) throw ambiguous(text, meant);
  return await at.storage.getRun(only.runId) ?? (() => {
    throw gone(text, at);
  })();
}

async function findLatest(text: string, at: RunStorage, scope: RunScope): Promise<StoredRun> {
  const states = text.slice("latest:".length);
  const status: readonly RunStatus[] | undefined = states === ""
    ? undefined
    : readStatuses(states, {
      flag: "latest:",
      example: (near) => `latest:${near}`,
    });
  const { workflowKey } = scope;
  const filter = {
    ...workflowKey === undefined ? {} : { workflowKey },
    ...status === undefined ? {} : { status },
  };
  for await (const { record } of listShown(at.storage, filter)) {
    const run = await at.storage.getRun(record.runId);
    if (run !== undefined) return run;
  }
  const where = placeOf(scope, at.address);
  throw new CodedError(
    "RUN_NOT_FOUND",
    `Cannot find "${text}" as a run: ${where} has no ${states === "" ? "" : `${states} `}run`,
    { fix: scope.folder === undefined ? "pd run ." : "pd runs --all" },
  );
}

/** Runs whose id begins with the text, a few at the most. The time in it says where to look. */
async function startingWith(text: string, at: RunStorage): Promise<RunRecord[]> {
  const digits = text.replaceAll("-", "");
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < MIN_PREFIX) return [];
  const close = await within(digits, CLOSE_MS, at);
  return close.length > 0 ? close : await within(digits, SLACK_MS, at);
}

async function within(digits: string, slackMs: number, at: RunStorage): Promise<RunRecord[]> {
  const time = digits.slice(0, 12);
  const filter = {
    createdAfter: parseInt(time.padEnd(12, "0"), 16) - slackMs,
    createdBefore: parseInt(time.padEnd(12, "f"), 16) + slackMs,
  };
  const found: RunRecord[] = [];
  let before: string | undefined;
  for (;;) {
    const page = await at.storage.listRuns({
      ...filter,
      limit: PAGE,
      ...before === undefined ? {} : { before },
    });
    for (const run of page) {
      if (!run.runId.replaceAll("-", "").startsWith(digits)) continue;
      found.push(run);
      if (found.length > MAX_MEANT) return found;
    }
    before = page.at(-1)?.runId;
    if (page.length < PAGE) return found;
  }
}

async function endingWith(text: string, at: RunStorage): Promise<RunRecord[]> {
  if (text.length < MIN_SUFFIX) return [];
  return (await newest(at, LOOKED_AT)).filter(({ runId }) => runId.endsWith(text))
    .slice(0, MAX_MEANT + 1);
}

async function newest(at: RunStorage, count: number): Promise<RunRecord[]> {
  const runs: RunRecord[] = [];
  while (runs.length < count) {
    const before = runs.at(-1)?.runId;
    const page = await at.storage.listRuns({
      limit: PAGE,
      ...before === undefined ? {} : { before },
    });
    runs.push(...page);
    if (page.length < PAGE) break;
  }
  return runs;
}

async function notFound(text: string, at: RunStorage): Promise<CodedError> {
  const ids = (await newest(at, PAGE)).map(({ runId }) => runId);
  // A part of an id is compared with the same part of the others.
  const near = ids.find((id) => didYouMean(text, [id]) !== undefined) ??
    ids.find((id) =>
      didYouMean(text, [id.slice(0, text.length), id.slice(-text.length)]) !== undefined
    );
  const short = near === undefined ? undefined : shortIdAmong(near, ids);
  return new CodedError(
    "RUN_NOT_FOUND",
    `Cannot find "${text}" as a run: ${at.address} has none with this id${hintAt(short)}`,
    { fix: short === undefined ? "pd runs --all" : `pd runs show ${short}` },
  );
}

function gone(text: string, at: RunStorage): CodedError {
  return new CodedError(
    "RUN_NOT_FOUND",
    `Cannot find "${text}" as a run: it was deleted from ${at.address} at this moment`,
    { fix: "pd runs --all" },
  );
}

function ambiguous(text: string, meant: readonly RunRecord[]): CodedError {
  const ids = meant.map(({ runId }) => runId);
  const shown = ids.slice(0, MAX_MEANT).map((id) => shortIdAmong(id, ids));
  const more = ids.length > MAX_MEANT ? ", …" : "";
  return new CodedError(
    "RUN_AMBIGUOUS",
    `Cannot find "${text}" as a run: it may be ${shown.join(", ")}${more}`,
    { fix: `pd runs show ${shown[0]}` },
  );
}

/** The full id of a run that may be deleted already, for paging. */
export async function findPageEnd(
  text: string,
  at: RunStorage,
  scope: RunScope,
): Promise<string> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  try {
    return (await findRun(text, at, scope)).runId;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    throw new UsageError(`Cannot use --before "${text}" as it names no run`, "pd runs");
  }
}
