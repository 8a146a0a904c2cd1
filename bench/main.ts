/**
 * `deno task bench [--only NAME[,NAME…]] [--json FILE] [--check] [--list]`: measures every suite in
 * `bench/suites/`, each in a process of its own, and prints a table per suite.
 */
import { parseArgs } from "node:util";
import process from "node:process";
import { isReached, type Row } from "./harness.ts";
import { formatTable } from "./table.ts";

const HELP = `Measures what the engine costs, each figure beside its own baseline.

  deno task bench                    every suite
  deno task bench --only compile     some suites, by name, with commas between
  deno task bench --json figures.json  the figures as JSON besides
  deno task bench --check            exit code 1 when a target is missed
  deno task bench --list             the names of the suites
`;

interface SuiteReport {
  readonly suite: string;
  readonly rows: readonly Row[];
  /** Why there are no rows. */
  readonly error?: string;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      json: { type: "string" },
      check: { type: "boolean" },
      list: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return await print(HELP, 0);
  const names = await suiteNames();
  if (values.list) return await print(names.join("\n") + "\n", 0);
  const chosen = values.only?.split(",") ?? names;
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    return await print(`There is no suite "${unknown}": ${names.join(", ")}\n`, 2);
  }
  const reports: SuiteReport[] = [];
  for (const name of chosen) {
    const report = await runSuite(name);
    reports.push(report);
    await print(`\n${name}\n${report.error ?? formatTable(report.rows)}`, 0);
  }
  if (values.json !== undefined) {
    const figures = { at: new Date().toISOString(), machine: describeMachine(), suites: reports };
    await Deno.writeTextFile(values.json, JSON.stringify(figures, undefined, 2) + "\n");
  }
  const rows = reports.flatMap((report) => report.rows);
  const hasFailed = reports.some((report) => report.error !== undefined) ||
    (values.check === true && rows.some((row) => isReached(row) === false));
  return hasFailed ? 1 : 0;
}

async function suiteNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(new URL("suites/", import.meta.url))) {
    if (name.endsWith(".ts") && !name.endsWith("_test.ts") && !name.startsWith("_")) {
      names.push(name.slice(0, -".ts".length));
    }
  }
  return names.sort();
}

async function runSuite(suite: string): Promise<SuiteReport> {
  const entry = new URL("run_suite.ts", import.meta.url).href;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", entry, suite],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (code !== 0) return { suite, rows: [], error: `The suite ended with exit code ${code}\n` };
  return { suite, rows: JSON.parse(new TextDecoder().decode(stdout)) };
}

function describeMachine(): { readonly [what: string]: string | number } {
  const { os, arch } = Deno.build;
  return { os, arch, cores: navigator.hardwareConcurrency, deno: Deno.version.deno };
}

async function print(text: string, code: number): Promise<number> {
  const stream = code === 0 ? Deno.stdout : Deno.stderr;
  await stream.write(new TextEncoder().encode(text));
  return code;
}

process.exitCode = await main(Deno.args);
