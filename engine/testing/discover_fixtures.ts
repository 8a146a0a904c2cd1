import type { Diagnostic } from "../spec/mod.ts";
import { hintFor } from "./closest.ts";
import { type Fixture, PIPELINE } from "./fixture.ts";
import { type FixtureName, parseFixture } from "./parse_fixture.ts";

/** Where fixtures live, relative to the workflow folder. */
export const FIXTURES_FOLDER = "tests/fixtures";

const MAX_FILES = 10_000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** What to look for. */
export interface DiscoverOptions {
  /** The workflow's nodes: a fixture of any other is a problem. Unchecked when absent. */
  readonly nodes?: readonly string[];
  /** Only fixtures of this node. */
  readonly node?: string;
}

/** What was found. */
export interface DiscoveredFixtures {
  /** Ordered by file name. */
  readonly fixtures: readonly Fixture[];
  readonly problems: readonly Diagnostic[];
}

/**
 * Reads the fixtures of the workflow in `dir`: every `.json` file in `tests/fixtures`, hidden ones
 * and folders aside. A file that is no fixture becomes a problem with its place; the others are read
 * all the same. A folder that does not exist has no fixtures.
 */
export async function discoverFixtures(
  dir: string,
  options: DiscoverOptions = {},
): Promise<DiscoveredFixtures> {
  const fixtures: Fixture[] = [];
  const problems: Diagnostic[] = [];
  for (const entry of await fixtureFiles(dir)) {
    const name = parseName(entry, options.nodes);
    if (options.node !== undefined && name.target !== options.node) continue;
    const unknown = checkName(name, options.nodes);
    if (unknown !== undefined) {
      problems.push(unknown);
      continue;
    }
    const read = await readFixture(dir, name);
    problems.push(...read.problems);
    if (read.fixture !== undefined) fixtures.push(read.fixture);
  }
  return { fixtures, problems };
}

async function fixtureFiles(dir: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for await (const entry of Deno.readDir(`${dir}/${FIXTURES_FOLDER}`)) {
      const isFixture = !entry.isDirectory && !entry.name.startsWith(".") &&
        entry.name.endsWith(".json");
      if (isFixture && files.length < MAX_FILES) files.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort(byName);
}

/** `fetch.json` before `fetch.empty.json`: the plain case first, then the others by name. */
function byName(a: string, b: string): number {
  const [left, right] = [a.slice(0, -".json".length), b.slice(0, -".json".length)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A node that is itself called `pipeline` keeps its name. */
function parseName(entry: string, nodes: readonly string[] | undefined): FixtureName {
  const [target = "", ...rest] = entry.slice(0, -".json".length).split(".");
  const isPipeline = target === PIPELINE && !nodes?.includes(PIPELINE);
  return {
    kind: isPipeline ? "pipeline" : "node",
    target,
    caseName: rest.length === 0 ? undefined : rest.join("."),
    file: `${FIXTURES_FOLDER}/${entry}`,
  };
}

function checkName(
  { kind, target, file }: FixtureName,
  nodes: readonly string[] | undefined,
): Diagnostic | undefined {
  if (kind === "pipeline" || nodes === undefined || nodes.includes(target)) return undefined;
  return atTop(file, {
    message: `Cannot use "${file}" as a fixture: the workflow has no node "${target}"${
      hintFor(target, nodes)
    }`,
    fix: `Name the file after a node: ${nodes.slice(0, 10).map((id) => `${id}.json`).join(", ")}`,
  });
}

async function readFixture(
  dir: string,
  name: FixtureName,
): Promise<{ readonly fixture?: Fixture; readonly problems: readonly Diagnostic[] }> {
  const path = `${dir}/${name.file}`;
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_FILE_BYTES) {
      return {
        problems: [atTop(name.file, {
          message:
            `Cannot read "${name.file}" as a fixture of at most 16 MiB: it has ${size} bytes`,
          fix: `Shorten ${name.file}`,
        })],
      };
    }
    return parseFixture((await Deno.readTextFile(path)).replace(/^\uFEFF/, ""), name);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      problems: [atTop(name.file, {
        message: `Cannot read "${name.file}" as a fixture: ${error.message}`,
        fix: `ls -l ${name.file}`,
      })],
    };
  }
}

function atTop(file: string, { message, fix }: { message: string; fix: string }): Diagnostic {
  return {
    code: "FIXTURE_INVALID",
    severity: "error",
    message,
    fix,
    file,
    path: [],
    line: 1,
    column: 1,
  };
}
