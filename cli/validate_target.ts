import { cacheDir, SpecCache } from "../engine/cache/mod.ts";
import { compile } from "../engine/compiler/mod.ts";
import { secretPlaces } from "../engine/context/mod.ts";
import { CodedError, PdError } from "../engine/errors/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import { checkFolder, checkModule } from "../engine/nodes/mod.ts";
import {
  type Diagnostic,
  formatDiagnostic,
  type Locate,
  parseWorkflow,
  type WorkflowSpec,
} from "../engine/spec/mod.ts";
import type { Cli } from "./cli.ts";
import { findTarget, shownPath, type Target } from "./targets/mod.ts";

/** What `pd validate` was asked. */
export interface ValidateRequest {
  readonly target: string;
  /** Import the node files too. */
  readonly modules: boolean;
}

const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** Checks a workflow and prints every problem. Sets the exit code. */
export async function validateTarget(cli: Cli, request: ValidateRequest): Promise<void> {
  const { io, out } = cli;
  const target = await findTarget(request.target, io.cwd, { command: "pd validate" });
  const file = shownPath(target.file, io.cwd);
  const text = await readText(target.file, file);
  const place = { target, file };
  // Modules have problems whose place only the text can tell.
  const known = request.modules ? undefined : await checkKnown(text, place, io.env);
  const { spec, diagnostics, locate } = known ?? await checkText(text, place, io.env);
  if (request.modules && !diagnostics.some(isError)) {
    diagnostics.push(...await checkModules({ ...place, locate }));
  }
  diagnostics.sort((a, b) => a.line - b.line || a.column - b.column);
  const errors = diagnostics.filter(isError).length;
  const isValid = errors === 0 && spec !== undefined;
  const summary = isValid
    ? `${file} is valid: ${spec.name} ${spec.version}, ${count(spec.nodes.length, "node")}`
    : `${count(errors, "error")} in ${file}`;
  out.result(
    [...diagnostics.map(formatDiagnostic), ...(isValid ? [summary] : [])].join("\n"),
    {
      valid: isValid,
      file,
      ...(spec === undefined
        ? {}
        : { workflow: { name: spec.name, version: spec.version, nodes: spec.nodes.length } }),
      diagnostics: diagnostics as unknown as JsonValue,
    },
  );
  if (!isValid) {
    out.note(summary);
    cli.exitCode = 1;
  }
}

interface Checked {
  readonly spec: WorkflowSpec | undefined;
  readonly diagnostics: Diagnostic[];
  readonly locate: Locate;
}

type Env = (name: string) => string | undefined;

/**
 * The same text was read without a problem before: only what lies around it can have changed. `undefined`
 * when it was not, or when there is a problem now, whose place only the text can tell.
 */
async function checkKnown(
  text: string,
  place: Omit<Place, "locate">,
  env: Env,
): Promise<Checked | undefined> {
  const spec = await openSpecCache(env)?.get(text);
  if (spec === undefined) return undefined;
  const locate = () => ({ line: 1, column: 1 });
  const diagnostics = checkSpec(spec, { ...place, locate });
  return diagnostics.length === 0 ? { spec, diagnostics, locate } : undefined;
}

async function checkText(text: string, place: Omit<Place, "locate">, env: Env): Promise<Checked> {
  const parsed = await parseWorkflow(text, { file: place.file });
  const { spec, draft, locate } = parsed;
  const diagnostics = [...parsed.diagnostics];
  if (draft !== undefined) diagnostics.push(...checkSpec(draft, { ...place, locate }));
  if (spec !== undefined) diagnostics.push(...checkKinds(spec, { ...place, locate }));
  if (spec !== undefined && diagnostics.length === 0) await openSpecCache(env)?.put(text, spec);
  return { spec, diagnostics, locate };
}

function checkSpec(spec: WorkflowSpec, place: Place): Diagnostic[] {
  const { diagnostics } = compile(spec, { file: place.file, locate: place.locate });
  return [...diagnostics, ...checkFiles(spec, place)];
}

function openSpecCache(env: Env): SpecCache | undefined {
  const dir = cacheDir(env);
  return dir === undefined ? undefined : new SpecCache(dir);
}

interface Place {
  readonly target: Target;
  /** As diagnostics name it. */
  readonly file: string;
  readonly locate: Locate;
}

async function readText(path: string, shown: string): Promise<string> {
  const { size } = await Deno.stat(path);
  if (size > MAX_FILE_BYTES) {
    throw new CodedError(
      "WORKFLOW_TOO_LARGE",
      `Cannot read "${shown}" as a workflow: it has ${size} bytes, and ${MAX_FILE_BYTES} are the limit`,
      { fix: `move data out of ${shown} into files that nodes read` },
    );
  }
  return await Deno.readTextFile(path);
}

/** The node files: are they there, and inside the folder? And does anything else lead out of it? */
function checkFiles(spec: WorkflowSpec, place: Place): Diagnostic[] {
  const { target: { dir } } = place;
  const found: Diagnostic[] = [];
  for (const node of spec.nodes) {
    if (node.kind !== "code") continue;
    const problem = problemOf(() => checkModule(dir, node.id, node.path));
    if (problem !== undefined) found.push(diagnose(problem, ["nodes", node.id, "path"], place));
  }
  const escape = problemOf(() => checkFolder(dir, secretPlaces(dir)));
  // A node's own file that leads out is told at its place already.
  const isTold = found.some(({ message }) => message.replace('"./', '"') === escape?.message);
  if (escape !== undefined && !isTold) found.push(diagnose(escape, [], place));
  return found;
}

/** Nodes that are well written, and that this version cannot run. */
function checkKinds(spec: WorkflowSpec, place: Place): Diagnostic[] {
  return spec.nodes.filter(({ kind }) => kind === "workflow").map(({ id }) => {
    const error = new CodedError(
      "NOT_AVAILABLE",
      `Cannot run node "${id}" with this version of pd: sub-workflows are checked, and not run yet`,
      { fix: `give nodes.${id} a "path" to a TypeScript file to run it now` },
    );
    return { ...diagnose(error, ["nodes", id], place), severity: "warning" };
  });
}

/** Imports every module in a host, with the rights that it will have. */
async function checkModules(place: Place): Promise<Diagnostic[]> {
  const { openWorkflow } = await import("../engine/workflow/mod.ts");
  try {
    await using workflow = await openWorkflow({
      dir: place.target.file,
      http: { kind: "answer", answer: () => Promise.reject(new Error("nothing is asked here")) },
    });
    await workflow.ready();
    return [];
  } catch (error) {
    if (!(error instanceof PdError)) throw error;
    return [diagnose(error, ["nodes"], place)];
  }
}

function problemOf(check: () => unknown): PdError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof PdError) return error;
    throw error;
  }
}

function diagnose(error: PdError, path: readonly string[], { file, locate }: Place): Diagnostic {
  return {
    code: error.code as Diagnostic["code"],
    severity: "error",
    message: error.message,
    fix: error.fix ?? `edit ${file}`,
    file,
    path,
    ...locate(path),
  };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
