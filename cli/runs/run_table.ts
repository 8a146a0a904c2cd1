import {
  type Colors,
  displayWidth,
  formatAgo,
  formatElapsed,
  padEnd,
  printable,
  truncate,
} from "../terminal/mod.ts";
import { durationOf, type ShownRun, triggerText } from "./shown_run.ts";
import { shownValue } from "./shown_value.ts";
import { statusPaint } from "./status_paint.ts";

/** How a table of runs is fitted. */
export interface RunTableOptions {
  readonly shortIds: ReadonlyMap<string, string>;
  /** Of the terminal; a table for a pipe is as wide as it has to be. */
  readonly columns: number | undefined;
  readonly colors: Colors;
  readonly now: number;
}

const HEAD = ["ID", "WORKFLOW", "STATUS", "TRIGGER", "STARTED", "TOOK", "ERROR"] as const;
type Column = typeof HEAD[number];
/** What goes first when there is no room. */
const LEAVE: readonly Column[] = ["TRIGGER", "TOOK", "STARTED"];
const GAP = 2;
const MIN_ERROR = 16;
const MIN_WORKFLOW = 8;
const TIGHT_WORKFLOW = 20;

/** Runs as lines, one each, cut to the terminal. */
export function renderRunTable(runs: readonly ShownRun[], options: RunTableOptions): string {
  const rows = runs.map((run) => cells(run, options));
  let columns: Column[] = HEAD.filter((head) => rows.some((row) => row[head] !== ""));
  const widths = Object.fromEntries(HEAD.map((head) => [
    head,
    Math.max(displayWidth(head), ...rows.map((row) => displayWidth(row[head]))),
  ])) as Record<Column, number>;
  const room = options.columns ?? Infinity;
  function taken(): number {
    return columns.reduce((sum, head) => sum + widths[head] + GAP, -GAP);
  }
  if (taken() > room) widths.WORKFLOW = Math.min(widths.WORKFLOW, TIGHT_WORKFLOW);
  // An error says most at its beginning: it is cut, before anything else goes.
  if (taken() > room && columns.includes("ERROR")) {
    const left = room - (taken() - widths.ERROR);
    if (left >= MIN_ERROR) widths.ERROR = left;
    else columns = columns.filter((head) => head !== "ERROR");
  }
  for (const head of LEAVE) {
    if (taken() > room) columns = columns.filter((other) => other !== head);
  }
  if (taken() > room) {
    widths.WORKFLOW = Math.max(MIN_WORKFLOW, room - (taken() - widths.WORKFLOW));
  }
  const { dim } = options.colors;
  const lines = rows.map((row, index) =>
    line(columns, (head) => {
      const text = padEnd(truncate(row[head], widths[head]), widths[head]);
      const status = runs[index]?.status;
      if (head === "STATUS" && status !== undefined) {
        return statusPaint(status, options.colors)(text);
      }
      return head === "ID" || head === "WORKFLOW" ? text : dim(text);
    })
  );
  return [line(columns, (head) => dim(padEnd(head, widths[head]))), ...lines].join("\n");
}

function line(columns: readonly Column[], cell: (head: Column) => string): string {
  return columns.map(cell).join(" ".repeat(GAP)).trimEnd();
}

function cells(run: ShownRun, { shortIds, now }: RunTableOptions): Record<Column, string> {
  const { runId, workflow, createdAt, startedAt, trigger, error } = run.record;
  const took = durationOf(run, now);
  return {
    ID: shortIds.get(runId) ?? runId,
    WORKFLOW: oneLine(workflow),
    STATUS: run.record.cancelRequested && run.status === "running" ? "cancelling" : run.status,
    TRIGGER: oneLine(triggerText(shownValue(trigger))),
    STARTED: formatAgo(startedAt ?? createdAt, now),
    TOOK: took === undefined ? "" : formatElapsed(took),
    ERROR: oneLine(error ?? ""),
  };
}

function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ");
}
