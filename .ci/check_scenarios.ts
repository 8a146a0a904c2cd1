import type { Page } from "./check_pages.ts";
import type { Problem } from "./problem.ts";

/**
 * Scenarios of `specs` that no test shows: without a `- Test:` bullet, or with one that names a file or a
 * test that does not exist. `sources` holds the text of test files by path.
 */
export function checkScenarios(
  specs: readonly Page[],
  sources: ReadonlyMap<string, string>,
): Problem[] {
  const problems: Problem[] = [];
  for (const { path, text } of specs) {
    for (const scenario of scenariosOf(text)) {
      const where = `${path}:${scenario.line}`;
      if (scenario.tests.length === 0) {
        problems.push({
          where,
          what: `scenario "${scenario.name}" names no test`,
          fix: 'End it with a bullet: - Test: `path/to/file_test.ts` "name of the test"',
        });
      }
      for (const test of scenario.tests) {
        const source = sources.get(test.file);
        if (source === undefined) {
          problems.push({
            where: `${path}:${test.line}`,
            what: `names a test in ${test.file}, which is no file of the project`,
            fix: "Correct the path: it is relative to the project's root",
          });
        } else if (!holdsTest(source, test.name)) {
          problems.push({
            where: `${path}:${test.line}`,
            what: `names the test "${test.name}", which ${test.file} does not hold`,
            fix: `Write the test, or copy its name from ${test.file}`,
          });
        }
      }
    }
  }
  return problems;
}

interface Scenario {
  readonly name: string;
  readonly line: number;
  readonly tests: { readonly file: string; readonly name: string; readonly line: number }[];
}

function scenariosOf(text: string): Scenario[] {
  const scenarios: Scenario[] = [];
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const name = /^#### Scenario: (.*?)\s*$/.exec(line)?.[1];
    if (name !== undefined) scenarios.push({ name, line: index + 1, tests: [] });
    if (!/^[-*] Test:/.test(line)) continue;
    const test = /^. Test: `([^`]+)` "(.*)"$/.exec(unwrap(lines, index));
    if (test?.[1] === undefined || test[2] === undefined) continue;
    scenarios.at(-1)?.tests.push({ file: test[1], name: unescape(test[2]), line: index + 1 });
  }
  return scenarios;
}

/** The bullet that begins at `index`, on one line: the formatter wraps long ones. */
function unwrap(lines: readonly string[], index: number): string {
  let bullet = lines[index]?.trimEnd() ?? "";
  for (let next = index + 1; /^\s+\S/.test(lines[next] ?? ""); next++) {
    bullet += ` ${lines[next]?.trim()}`;
  }
  return bullet;
}

/** A name counts when it stands in the file as it is, or when a template in the file can make it. */
function holdsTest(source: string, name: string): boolean {
  for (const [, double, single, template] of source.matchAll(LITERALS)) {
    if (unescape(double ?? single ?? "") === name) return true;
    if (template !== undefined && canMake(template, name)) return true;
  }
  return false;
}

/** String and template literals, well enough for names of tests: templates hold no nested backticks. */
const LITERALS = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g;

/** A template with too little text of its own would match any name. */
function canMake(template: string, name: string): boolean {
  const pieces = template.split(/\$\{[^{}]*\}/).map(unescape);
  if (pieces.join("").replaceAll(/\s/g, "").length < 8) return false;
  return new RegExp(`^${pieces.map(RegExp.escape).join(".+")}$`).test(name);
}

function unescape(literal: string): string {
  return literal.replaceAll(/\\(.)/g, "$1");
}
