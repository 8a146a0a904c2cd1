/** The rules of the house, held against the project itself. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { compile } from "../engine/compiler/mod.ts";
import { ERROR_CODES } from "../engine/errors/mod.ts";
import { parseWorkflow } from "../engine/spec/mod.ts";
import { checkErrors } from "./check_errors.ts";
import { checkImports } from "./check_imports.ts";
import { checkContents, checkLinks, type Page } from "./check_pages.ts";
import { checkScenarios } from "./check_scenarios.ts";
import { describeProblems, type Problem } from "./problem.ts";
import { isPage, isSource, isTestdata, projectFiles } from "./project_files.ts";
import { readImports } from "./read_imports.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const MAX_LINES = 400;

/** Put together here so that this file does not hold what it looks for. */
const FOREIGN = [
  ...["registry.npm" + "js", "js" + "r.io", "deno" + ".land", "py" + "pi.org", "crates" + ".io"]
    .map((host) => ({
      what: "names a package registry",
      expression: new RegExp(RegExp.escape(host)),
    })),
  ...["work", "home", "root", "Users", "tmp/deno" + "bin"].map((folder) => ({
    what: "holds a path of one person's machine",
    expression: new RegExp(`(^|[\\s"'\`(=:,])/${folder}/`, "m"),
  })),
];

function assertNone(problems: readonly Problem[]): void {
  assert.equal(problems.length, 0, `\n${describeProblems(problems)}`);
}

async function readPages(files: readonly string[]): Promise<Page[]> {
  return await Promise.all(
    files.map(async (path) => ({ path, text: await Deno.readTextFile(`${ROOT}/${path}`) })),
  );
}

Deno.test("imports point one way, through the doors, and without circles", async () => {
  const files = (await projectFiles(ROOT)).filter(isSource);
  assertNone(checkImports(files, await readImports(ROOT, files)));
});

Deno.test("the architecture page has every folder of the engine, and each says what it is for", async () => {
  const page = await Deno.readTextFile(`${ROOT}/docs/contributing/architecture.md`);
  const table = page.split("\n").filter((line) => line.startsWith("| `engine/")).join("\n");
  const named = new Set([...table.matchAll(/`(?:engine\/)?([a-z_]+)`/g)].map(([, name]) => name));
  const problems: Problem[] = [];
  for (const path of await projectFiles(ROOT)) {
    const [, folder] = /^engine\/([a-z_]+)\/mod\.ts$/.exec(path) ?? [];
    if (folder === undefined) continue;
    const where = `engine/${folder}`;
    if (!named.has(folder)) {
      problems.push({
        where,
        what: "is not in the table of folders",
        fix: "Add it to docs/contributing/architecture.md",
      });
    }
    const { text = "" } = (await readPages([path]))[0] ?? {};
    if (!text.startsWith("/** ")) {
      problems.push({ where, what: "does not say what it is for", fix: "Begin mod.ts with that" });
    }
  }
  assertNone(problems);
});

Deno.test("no source file is longer than 400 lines", async () => {
  const files = (await projectFiles(ROOT)).filter((path) =>
    isSource(path) && !path.endsWith("_test.ts")
  );
  const problems: Problem[] = [];
  for (const { path, text } of await readPages(files)) {
    const lines = text.split("\n").length - 1;
    const what = `has ${lines} lines, more than ${MAX_LINES}`;
    if (lines > MAX_LINES) {
      problems.push({ where: path, what, fix: "Split it: one main symbol per file" });
    }
  }
  assertNone(problems);
});

Deno.test("no file has a name without a job", async () => {
  const vague =
    /(^|\/)(_?(utils?|helpers?|common|misc|index)(_test)?\.tsx?$|(utils?|helpers?|common|misc)\/)/;
  const problems = (await projectFiles(ROOT)).filter((path) =>
    !isTestdata(path) && vague.test(path)
  )
    .map((where) => ({
      where,
      what: "has a name that says nothing",
      fix: "Name it after its job",
    }));
  assertNone(problems);
});

Deno.test("the top level holds the parts of the house and nothing else", async () => {
  const parts = /^(cli|engine|builder|deploy|examples|openspec|docs|e2e|bench|\.[^/]+)\//;
  const files = /^(deno\.json|deno\.lock|pd|README\.md|CHANGELOG\.md|LICENSE|\.[^/]+)$/;
  const problems = (await projectFiles(ROOT)).filter((path) =>
    !parts.test(path) && !files.test(path)
  )
    .map((where) => ({
      where,
      what: "lies outside the house",
      fix: "Move it into one of its parts",
    }));
  assertNone(problems);
});

Deno.test("no file names a package registry or a path of one person's machine", async () => {
  const problems: Problem[] = [];
  for (const path of await projectFiles(ROOT)) {
    const text = new TextDecoder().decode(await Deno.readFile(`${ROOT}/${path}`));
    for (const { what, expression } of FOREIGN) {
      const index = text.search(expression);
      if (index < 0) continue;
      const line = text.slice(0, index + 1).split("\n").length;
      problems.push({ where: `${path}:${line}`, what, fix: "Take it out, or make it relative" });
    }
  }
  assertNone(problems);
});

Deno.test("every error code has its row in docs/reference/errors.md, and every row its code", async () => {
  assertNone(checkErrors(await Deno.readTextFile(`${ROOT}/docs/reference/errors.md`), ERROR_CODES));
});

Deno.test("every error code is used somewhere", async () => {
  const list = "engine/errors/codes.ts";
  const files = (await projectFiles(ROOT)).filter((path) =>
    path === "pd" ||
    isSource(path) && !path.endsWith("_test.ts") && path !== list && !path.startsWith(".ci/")
  );
  const text = (await readPages(files)).map((page) => page.text).join("\n");
  const problems = ERROR_CODES.filter((code) => !new RegExp(`\\b${code}\\b`).test(text)).map((
    code,
  ) => ({
    where: list,
    what: `lists ${code}, which nothing throws`,
    fix: "Remove it there and in docs/reference/errors.md, or throw it",
  }));
  assertNone(problems);
});

Deno.test("every link between pages leads somewhere", async () => {
  const files = await projectFiles(ROOT);
  assertNone(checkLinks(await readPages(files.filter(isPage)), files));
});

Deno.test("every workflow that a page shows is valid", async () => {
  const problems: Problem[] = [];
  for (const { path, text } of await readPages((await projectFiles(ROOT)).filter(isPage))) {
    for (const block of text.matchAll(/^```yaml\n(.*?)^```$/gms)) {
      const yaml = block[1] ?? "";
      if (!/^name:/m.test(yaml) || !/^nodes:/m.test(yaml)) continue;
      const line = text.slice(0, block.index).split("\n").length + 1;
      const { spec, diagnostics, locate } = await parseWorkflow(yaml, { file: path });
      const found = [...diagnostics];
      if (spec !== undefined) found.push(...compile(spec, { file: path, locate }).diagnostics);
      for (const one of found) {
        const where = `${path}:${line + one.line - 1}`;
        problems.push({ where, what: `${one.code} ${one.message}`, fix: one.fix });
      }
    }
  }
  assertNone(problems);
});

Deno.test("docs/README.md links to every page", async () => {
  const pages = await readPages((await projectFiles(ROOT)).filter(isPage));
  const contents = pages.find(({ path }) => path === "docs/README.md");
  assert.ok(contents);
  assertNone(checkContents(contents, pages));
});

Deno.test("every scenario names a test that exists", async () => {
  const files = await projectFiles(ROOT);
  const specs = files.filter((path) =>
    /^openspec\/(specs|changes\/(?!archive\/)[^/]+\/specs)\/.*\.md$/.test(path)
  );
  const tests = await readPages(
    files.filter((path) => path.endsWith("_test.ts") && !isTestdata(path)),
  );
  const sources = new Map(tests.map(({ path, text }) => [path, text]));
  assertNone(checkScenarios(await readPages(specs), sources));
});

Deno.test("every new capability says what it is for", async () => {
  const files = await projectFiles(ROOT);
  const problems: Problem[] = [];
  for (const where of files) {
    const capability = /^openspec\/changes\/(?!archive\/)[^/]+\/specs\/([^/]+)\/spec\.md$/.exec(
      where,
    );
    if (capability === null || files.includes(`openspec/specs/${capability[1]}/spec.md`)) continue;
    if (/^## Purpose$/m.test(await Deno.readTextFile(`${ROOT}/${where}`))) continue;
    const what = "has no purpose, so that archiving would put a placeholder in its place";
    problems.push({ where, what, fix: 'Begin it with "## Purpose" and a sentence or two' });
  }
  assertNone(problems);
});

Deno.test("the README's test command is the one that CI runs", async () => {
  const command = "npx --yes deno task test";
  assert.match(await Deno.readTextFile(`${ROOT}/README.md`), new RegExp(`^${command}$`, "m"));
  assert.match(await Deno.readTextFile(`${ROOT}/.ci/run`), new RegExp(`^exec ${command}$`, "m"));
});
