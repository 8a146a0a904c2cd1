import type { Colors } from "./colors.ts";
import { displayWidth, padEnd, printable } from "./width.ts";

const GAP = "  ";

/** Rows below their heads, each column as wide as it has to be; a column without any content is left out. */
export function renderTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { dim }: Pick<Colors, "dim">,
): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replace(/\s+/g, " ")));
  const columns = heads.map((_, index) => index).filter((index) =>
    cells.some((row) => (row[index] ?? "") !== "")
  );
  const widths = heads.map((head, index) =>
    Math.max(displayWidth(head), ...cells.map((row) => displayWidth(row[index] ?? "")))
  );
  const line = (row: readonly string[]) =>
    columns.map((index) => padEnd(row[index] ?? "", widths[index] ?? 0)).join(GAP).trimEnd();
  return [dim(line(heads)), ...cells.map(line)].join("\n");
}
