import type { LogLine } from "../executor/mod.ts";
import { formatFailure } from "./format_report.ts";
import type { FixtureFailure, FixtureResult, TestReport } from "./test_report.ts";

/**
 * A report as JUnit XML, the dialect that CI systems read: a suite per node, a case per fixture, and a
 * suite of its own for files that are no fixtures. Valid XML 1.0 whatever the texts hold.
 */
export function toJUnit(report: TestReport): string {
  const suites = [...Map.groupBy(report.results, ({ target }) => target)]
    .map(([target, results]) => suite(`${report.workflow}.${target}`, results));
  if (report.problems.length > 0) suites.push(problemSuite(report));
  const attributes = {
    name: report.workflow,
    tests: report.results.length + report.problems.length,
    failures: report.failed,
    errors: report.problems.length,
    time: seconds(report.durationMs),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", attributes, suites)}\n`;
}

function suite(name: string, results: readonly FixtureResult[]): string {
  const attributes = {
    name,
    tests: results.length,
    failures: results.filter(({ status }) => status === "failed").length,
    errors: 0,
    time: seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  };
  return element("testsuite", attributes, results.map((result) => testCase(name, result)));
}

function testCase(suiteName: string, result: FixtureResult): string {
  const attributes = {
    name: result.caseName ?? result.target,
    classname: suiteName,
    file: result.file,
    time: seconds(result.durationMs),
  };
  const children: string[] = [];
  if (result.failure !== undefined) children.push(failureElement(result.failure));
  if (result.logs.length > 0) {
    children.push(element("system-out", {}, [escape(result.logs.map(logLine).join("\n"))]));
  }
  return element("testcase", attributes, children);
}

function failureElement(failure: FixtureFailure): string {
  const text = formatFailure(failure);
  const type = failure.kind === "error" ? failure.error.code : failure.kind;
  return element("failure", { message: text.split("\n")[0] ?? "", type }, [escape(text)]);
}

function problemSuite({ workflow, problems }: TestReport): string {
  const name = `${workflow}.fixtures`;
  const cases = problems.map(({ file, line, column, code, message, fix }) =>
    element("testcase", { name: file, classname: name, file, line, time: seconds(0) }, [
      element("error", { message, type: code }, [
        escape(`${file}:${line}:${column} ${message}\nFix: ${fix}`),
      ]),
    ])
  );
  const attributes = {
    name,
    tests: cases.length,
    failures: 0,
    errors: cases.length,
    time: "0.000",
  };
  return element("testsuite", attributes, cases);
}

function logLine({ level, message, fields }: LogLine): string {
  return `${level} ${message}${fields === undefined ? "" : ` ${JSON.stringify(fields)}`}`;
}

/** `children` are XML already, `attributes` are not. */
function element(
  name: string,
  attributes: { readonly [name: string]: string | number },
  children: readonly string[],
): string {
  const pairs = Object.entries(attributes).map(([key, value]) =>
    ` ${key}="${escape(String(value))}"`
  );
  const open = `<${name}${pairs.join("")}`;
  if (children.length === 0) return `${open}/>`;
  const isText = children.length === 1 && !children[0]?.startsWith("<");
  const space = isText ? "" : "\n";
  return `${open}>${space}${children.join("\n")}${space}</${name}>`;
}

/** Escapes markup, and replaces what XML 1.0 has no way to write: most control characters, lone surrogates. */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, (character) =>
      // C1 controls are allowed, though nobody wants to read them
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
