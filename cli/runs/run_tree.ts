import type { ErrorRecord } from "../../engine/executor/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { RunRecord } from "../../engine/storage/mod.ts";
import {
  type Colors,
  formatAgo,
  formatElapsed,
  formatMoment,
  padEnd,
  printable,
  truncate,
} from "../terminal/mod.ts";
import type { AttemptReport, NodeReport, RunReport } from "./run_report.ts";
import { durationOf, type ShownRun, triggerText } from "./shown_run.ts";
import { shownValue } from "./shown_value.ts";
import { statusPaint, statusSign } from "./status_paint.ts";

/** How a run is shown. */
export interface RunTreeOptions {
  /** Of the terminal; 100 off one. */
  readonly columns: number | undefined;
  readonly colors: Colors;
  readonly now: number;
  /** Values as they are, over as many lines as it takes. */
  readonly isFull: boolean;
  /** Of the times; the machine's own when undefined. */
  readonly timeZone?: string;
}

const PLAIN_COLUMNS = 100;
const LABEL = 10;

/** A run from its trigger to its nodes, for a person. */
export function renderRunTree(
  run: ShownRun,
  report: RunReport,
  options: RunTreeOptions,
): string {
  const page = new Page(options);
  renderHead(run, report, page);
  page.line("");
  const idWidth = Math.max(...report.nodes.map(({ node }) => node.length), 0);
  report.nodes.forEach((node, index) => {
    const [above, below] = [report.nodes[index - 1]?.stage, report.nodes[index + 1]?.stage];
    page.renderNode(node, {
      isFirst: above !== node.stage,
      isLast: below !== node.stage,
      idWidth,
    });
  });
  return page.text();
}

function renderHead(run: ShownRun, report: RunReport, page: Page): void {
  const { record, status } = run;
  const { colors, now, timeZone } = page.options;
  const { bold } = colors;
  page.line(
    `${bold(printable(record.workflow))} ${record.version}  ${statusPaint(status, colors)(status)}`,
  );
  page.field("run", record.runId);
  page.field("folder", record.workflowKey);
  const trigger = shownValue(record.trigger);
  page.field("trigger", triggerText(trigger) || "unknown");
  if (page.options.isFull) page.value("", trigger, "");
  page.field("accepted", moment(record.createdAt, now, timeZone));
  if (record.startedAt !== undefined && record.startedAt !== record.createdAt) {
    page.field("started", moment(record.startedAt, now, timeZone));
  }
  if (record.startAfter !== undefined && record.startedAt === undefined) {
    page.field("not before", formatMoment(record.startAfter, timeZone));
  }
  if (record.deadlineAt !== undefined && record.completedAt === undefined) {
    page.field("until", formatMoment(record.deadlineAt, timeZone));
  }
  if (record.completedAt !== undefined) {
    page.field("ended", moment(record.completedAt, now, timeZone));
  }
  const took = durationOf(run, now);
  if (took !== undefined) {
    page.field(record.completedAt === undefined ? "so far" : "took", formatElapsed(took));
  }
  if (report.resumed > 0) page.field("resumed", times(report.resumed));
  const owner = ownerText(run);
  if (owner !== undefined) page.field("owner", owner);
  if (record.cancelRequested && status !== "cancelled") page.field("cancel", "asked for");
  // The node that failed says it below.
  const { error } = report;
  const isNodes = report.nodes.some((node) =>
    node.error?.code === error?.code && node.error?.message === error?.message
  );
  if (error !== undefined) {
    if (!isNodes) page.error(error, "");
  } else if (record.error !== undefined) page.field("error", record.error);
  if (status === "interrupted") page.field("fix", `pd runs resume ${record.runId}`);
  page.value("input", report.input, "");
}

/** Which engine has a run that is not over. */
export function ownerText({ record, isOwnerAlive }: ShownRun): string | undefined {
  const { owner, status } = record;
  if (!isUnfinished(status)) return undefined;
  if (owner === undefined) return "none";
  const state = isOwnerAlive === undefined ? "" : isOwnerAlive ? ", alive" : ", ended";
  return `process ${owner.pid} on ${owner.host}${state}`;
}

function isUnfinished(status: RunRecord["status"]): boolean {
  return status === "running" || status === "queued" || status === "interrupted";
}

/** Lines that are cut to the terminal. */
class Page {
  readonly options: RunTreeOptions;
  readonly #columns: number;
  readonly #lines: string[] = [];

  constructor(options: RunTreeOptions) {
    this.options = options;
    this.#columns = options.columns ?? PLAIN_COLUMNS;
  }

  text(): string {
    return this.#lines.join("\n");
  }

  line(text: string): void {
    this.#lines.push(text.trimEnd());
  }

  field(label: string, text: string, indent = ""): void {
    const { dim } = this.options.colors;
    this.line(`${indent}  ${dim(padEnd(label, LABEL))} ${printable(text)}`);
  }

  error({ code, message, fix }: ErrorRecord, indent: string): void {
    const { red, bold } = this.options.colors;
    const lines = printable(message).split("\n").join(`\n${indent}${" ".repeat(LABEL + 3)}`);
    this.line(`${indent}  ${red(padEnd("error", LABEL))} ${bold(code)} ${lines}`);
    if (fix !== undefined) this.field("fix", fix, indent);
  }

  value(label: string, value: JsonValue | undefined, indent: string): void {
    if (value === undefined) return;
    const room = Math.max(20, this.#columns - LABEL - 3 - indent.length);
    if (!this.options.isFull) {
      return this.field(label, truncate(printable(JSON.stringify(value)), room), indent);
    }
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    const [first = "", ...rest] = text.split("\n");
    this.field(label, first, indent);
    for (const line of rest) this.line(`${indent}${" ".repeat(LABEL + 3)}${printable(line)}`);
  }

  renderNode(
    node: NodeReport,
    { isFirst, isLast, idWidth }: {
      readonly isFirst: boolean;
      readonly isLast: boolean;
      readonly idWidth: number;
    },
  ): void {
    const { colors } = this.options;
    const { dim, yellow } = colors;
    // Nodes of one stage run side by side: a bracket holds them together.
    const bracket = isFirst && isLast ? " " : isFirst ? "┌" : isLast ? "└" : "│";
    const paint = node.isAllowed ? yellow : statusPaint(node.status, colors);
    const about = [
      padEnd(node.status, 9),
      node.durationMs === undefined || node.isTakenOver ? "" : formatElapsed(node.durationMs),
      node.isTakenOver ? "of the run that this one retries" : "",
      node.isAllowed ? "allowed to fail" : "",
      node.attempts.length > 1 ? `${node.attempts.length} attempts` : "",
    ].filter((part) => part !== "").join("  ");
    this.line(
      `${dim(bracket)} ${paint(statusSign(node.status))} ${padEnd(node.node, idWidth)}  ${
        dim(about.trimEnd())
      }`,
    );
    const indent = `${isLast ? " " : dim("│")} `;
    if (node.attempts.length > 1) {
      for (const attempt of node.attempts) this.#attempt(attempt, indent);
    }
    for (const { name, code, durationMs } of node.tasks.values()) {
      this.field("step", `${name}  ${formatElapsed(durationMs)}  exit code ${code}`, indent);
    }
    if (node.error !== undefined) this.error(node.error, indent);
    // A root is called with the input of the run, which stands above.
    if (node.dependsOn.length > 0) this.value("input", node.input, indent);
    this.value("output", node.output, indent);
    if (node.logLines > 0) this.field("log", lines(node.logLines), indent);
  }

  #attempt(
    { attempt, status, startedAt, completedAt, error }: AttemptReport,
    indent: string,
  ): void {
    const took = completedAt === undefined
      ? ""
      : ` after ${formatElapsed(completedAt - startedAt)}`;
    const why = error === undefined ? "" : `: ${error.code} ${error.message}`;
    const at = formatMoment(startedAt, this.options.timeZone).slice(11);
    const text = printable(`${at} ${status}${took}${why}`).replace(/\s+/g, " ");
    const room = this.options.isFull ? Infinity : Math.max(20, this.#columns - LABEL - 5);
    this.field(`attempt ${attempt}`, truncate(text, room), indent);
  }
}

function moment(at: number, now: number, timeZone: string | undefined): string {
  return `${formatMoment(at, timeZone)} (${formatAgo(at, now)})`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function lines(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}
