import { formatDifferences } from "./format_differences.ts";
import { ansi, type Paint, plain } from "./paint.ts";
import { printable } from "./printable.ts";
import type { FixtureFailure, FixtureResult, NodeCoverage, TestReport } from "./test_report.ts";
import { resultName } from "./test_report.ts";

const MAX_LOG_LINES = 20;
const MAX_OUTPUT_LENGTH = 400;

/** How a report is written. */
export interface FormatOptions {
  readonly color: boolean;
}

/** A report as text for people: a line per fixture, why the failed ones failed, then the sums. */
export function formatReport(report: TestReport, { color }: FormatOptions): string {
  const paint = color ? ansi : plain;
  const blocks = [
    report.results.map((result) => formatResult(result, { color })).join("\n"),
    report.problems.map(({ file, line, column, code, message, fix }) =>
      `${paint.red("✗")} ${file}:${line}:${column} ${code} ${message}\n    Fix: ${fix}`
    ).join("\n"),
    formatSummary(report, { color }),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** One fixture's line, and below it why it failed. */
export function formatResult(result: FixtureResult, { color }: FormatOptions): string {
  const paint = color ? ansi : plain;
  const { status, failure, durationMs } = result;
  const mark = { passed: paint.green("✓"), failed: paint.red("✗"), updated: paint.yellow("↻") };
  const note = status === "updated" ? `, wrote ${result.file}` : "";
  const head = `${mark[status]} ${resultName(result)} ${
    paint.dim(`${formatMs(durationMs)}${note}`)
  }`;
  if (failure === undefined) return head;
  const lines = [
    paint.dim(result.file),
    formatFailure(failure, paint),
    ...result.unusedAnswers.map((entry) => paint.dim(`not asked for: ${entry}`)),
    ...formatLogs(result, paint),
  ];
  return [head, indent(lines.join("\n"))].join("\n");
}

/** The sums of a report: how many fixtures, and how many nodes they cover. */
export function formatSummary(report: TestReport, { color }: FormatOptions): string {
  const paint = color ? ansi : plain;
  const { passed, failed, updated, problems, durationMs } = report;
  const sums = [
    paint.green(`${passed} passed`),
    failed > 0 ? paint.red(`${failed} failed`) : "",
    updated > 0 ? paint.yellow(`${updated} updated`) : "",
    problems.length > 0 ? paint.red(`${problems.length} not read`) : "",
  ].filter((sum) => sum !== "").join(", ");
  return `${sums} ${paint.dim(`(${formatMs(durationMs)})`)}\n${formatCoverage(report.coverage)}`;
}

/** A failure as text, without its fixture's name. */
export function formatFailure(failure: FixtureFailure, paint: Paint = plain): string {
  switch (failure.kind) {
    case "output":
      return formatDifferences(failure.differences, paint);
    case "error": {
      const { error, expected } = failure;
      const lines = [`${paint.red(error.code)}: ${printable(error.message)}`];
      if (expected !== undefined) lines.push(`expected ${formatExpected(expected)}`);
      if (error.fix !== undefined) lines.push(`Fix: ${printable(error.fix)}`);
      if (error.stack !== undefined) lines.push(paint.dim(printable(error.stack)));
      return lines.join("\n");
    }
    case "no-error":
      return `expected ${formatExpected(failure.expected)}, but it answered\n${
        paint.green(`  + ${cut(JSON.stringify(failure.actual))}`)
      }`;
    case "unanswered":
      return failure.requests
        .map((request) => `no "fetch" entry answers ${paint.red(printable(request))}`).join("\n");
    case "unwritten":
      return `nothing is expected yet; "pd test --update" writes down\n${
        paint.green(`  + ${cut(JSON.stringify(failure.actual))}`)
      }`;
  }
}

function formatExpected({ code, message }: { code: string; message: string | undefined }): string {
  return message === undefined ? code : `${code} with "${message}" in its message`;
}

function formatCoverage({ nodes, covered, percent, missing }: NodeCoverage): string {
  const without = missing.length === 0 ? "" : `, without one: ${missing.join(", ")}`;
  return `Nodes with a fixture: ${covered} of ${nodes} (${percent} %)${without}`;
}

function formatLogs({ logs }: FixtureResult, paint: Paint): string[] {
  const shown = logs.slice(-MAX_LOG_LINES);
  const lines = shown.map(({ level, message, fields }) =>
    paint.dim(
      printable(
        `${level} ${message}${fields === undefined ? "" : ` ${cut(JSON.stringify(fields))}`}`,
      ),
    )
  );
  if (logs.length > shown.length) {
    lines.unshift(paint.dim(`… ${logs.length - shown.length} earlier`));
  }
  return lines;
}

function formatMs(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`;
}

function cut(text: string): string {
  return printable(
    text.length <= MAX_OUTPUT_LENGTH ? text : `${text.slice(0, MAX_OUTPUT_LENGTH)} …`,
  );
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
