import { isReached, type Row } from "./harness.ts";

const HEAD = ["what", "figure", "p90", "target", "", "baseline"];

/** The rows of one suite as aligned text, with a line of headings. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length))
  );
  return lines.map((line) =>
    line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd()
  ).join("\n") + "\n";
}

function cells(row: Row): string[] {
  const { what, figure, unit, p90, baseline, target } = row;
  const limit = target === undefined
    ? ""
    : "atMost" in target
    ? `≤ ${formatFigure(target.atMost)}`
    : `≥ ${formatFigure(target.atLeast)}`;
  const reached = isReached(row);
  return [
    what,
    `${formatFigure(figure)} ${unit}`,
    p90 === undefined ? "" : formatFigure(p90),
    limit,
    reached === undefined ? "" : reached ? "ok" : "MISSED",
    baseline === undefined
      ? ""
      : `${formatFigure(baseline.figure)} ${baseline.what} (${
        formatFigure(figure / baseline.figure)
      } ×)`,
  ];
}

/** Three digits that mean something. */
export function formatFigure(figure: number): string {
  if (!Number.isFinite(figure)) return String(figure);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(figure) || 1)));
  const [whole = "", fraction] = figure.toFixed(Math.min(digits, 6)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, " ");
  const rest = fraction?.replace(/0+$/, "") ?? "";
  return rest === "" ? grouped : `${grouped}.${rest}`;
}
