import type { Problem } from "./problem.ts";

/** How little text cannot be a meaning or a way out. */
const LEAST_CHARACTERS = 20;

/**
 * What keeps `docs/reference/errors.md` (as `page`) from being the list of `codes`: a code without a row, a
 * row without a code, a second row, another order, or a cell that says nothing.
 */
export function checkErrors(page: string, codes: readonly string[]): Problem[] {
  const file = "docs/reference/errors.md";
  const rows = rowsOf(page);
  const problems: Problem[] = [];
  for (const code of codes) {
    if (rows.some((row) => row.code === code)) continue;
    problems.push({
      where: file,
      what: `has no row for ${code}`,
      fix: `Add: | \`${code}\` | what it means | how to solve it |`,
    });
  }
  const seen = new Set<string>();
  for (const { code, line, cells } of rows) {
    const where = `${file}:${line}`;
    if (!codes.includes(code)) {
      const fix = "Remove the row, or add the code to engine/errors/codes.ts";
      problems.push({ where, what: `explains ${code}, which is no error code`, fix });
    }
    if (seen.has(code)) {
      problems.push({ where, what: `explains ${code} a second time`, fix: "Keep one row" });
    }
    seen.add(code);
    if (cells.length !== 2 || cells.some((cell) => cell.length < LEAST_CHARACTERS)) {
      const fix = "Give it two cells that help: what it means, and how to solve it";
      problems.push({ where, what: `says too little about ${code}`, fix });
    }
  }
  const order = rows.map(({ code }) => code).filter((code) => codes.includes(code));
  const wrong = order.findIndex((code, index) =>
    index > 0 && before(code, order[index - 1] ?? code)
  );
  if (wrong > 0) {
    problems.push({
      where: file,
      what: `lists ${order[wrong]} after ${order[wrong - 1]}`,
      fix: "Keep the order of engine/errors/codes.ts",
    });
  }
  return problems;

  function before(one: string, other: string): boolean {
    return codes.indexOf(one) < codes.indexOf(other);
  }
}

interface Row {
  readonly code: string;
  readonly line: number;
  /** The cells after the code. */
  readonly cells: readonly string[];
}

function rowsOf(page: string): Row[] {
  return page.split("\n").flatMap((text, index) => {
    const code = /^\|\s*`([A-Z][A-Z0-9_]+)`\s*\|/.exec(text)?.[1];
    if (code === undefined) return [];
    const cells = text.split(/(?<!\\)\|/).slice(2, -1).map((cell) => cell.trim());
    return [{ code, line: index + 1, cells }];
  });
}
