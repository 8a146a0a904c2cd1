import type { Database, Row, Value } from "./database.ts";

/** What leads from the newest to older runs: those of one workflow in one state. */
interface Line {
  readonly workflowKey: string;
  readonly status: string;
}

/** Which runs of a line count besides. */
export interface LineFilter {
  /** More conditions of SQL, each with ` AND ` before it, and their values. */
  readonly where: string;
  readonly values: readonly Value[];
  readonly limit: number;
}

interface Followed {
  readonly line: Line;
  /** The oldest that was read so far. */
  last: Row | undefined;
}

/** Rows of a line that are read first, at least; few more are than the page has. */
const MIN_STEP = 8;

/**
 * Numbers of the newest rows of many lines, newest first. Some are read of each line; then only those lines are
 * followed that are still newer than the end of the page, so that about twice a page of rows is read, however many
 * lines there are and however long they are.
 */
export function newestOfMany(
  db: Database,
  lines: readonly Line[],
  { where, values, limit }: LineFilter,
): readonly Row[string][] {
  const sql = (more: string) =>
    `SELECT id, created_at, run_id FROM runs INDEXED BY runs_by_key
     WHERE workflow_key = ? AND status = ?${where}${more}
     ORDER BY created_at DESC, run_id DESC LIMIT ?`;
  const [first, next] = [sql(""), sql(" AND (created_at, run_id) < (?, ?)")];
  let page: Row[] = [];
  let followed: readonly Followed[] = lines.map((line) => ({ line, last: undefined }));
  let step = Math.min(limit, Math.max(MIN_STEP, Math.ceil(limit / Math.max(1, lines.length))));
  while (followed.length > 0) {
    const full: Followed[] = [];
    const found: Row[] = [];
    for (const { line: { workflowKey, status }, line, last } of followed) {
      const place = last === undefined ? [] : [last["created_at"], last["run_id"]] as Value[];
      const rows = db.all(
        last === undefined ? first : next,
        workflowKey,
        status,
        ...values,
        ...place,
        step,
      );
      for (const row of rows) found.push(row);
      if (rows.length === step) full.push({ line, last: rows.at(-1) });
    }
    page = [...page, ...found].sort(newestFirst).slice(0, limit);
    const end = page.length < limit ? undefined : page.at(-1);
    followed = full.filter(({ last }) =>
      last !== undefined && (end === undefined || newestFirst(last, end) < 0)
    );
    step = Math.min(limit, step * 2);
  }
  return page.map((row) => row["id"] ?? null);
}

function newestFirst(a: Row, b: Row): number {
  const newer = Number(b["created_at"]) - Number(a["created_at"]);
  if (newer !== 0) return newer;
  const [left, right] = [String(a["run_id"]), String(b["run_id"])];
  return left === right ? 0 : left < right ? 1 : -1;
}
