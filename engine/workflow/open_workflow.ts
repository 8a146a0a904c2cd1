import { SpecCache } from "../cache/mod.ts";
import { type Clock, systemClock } from "../clock/mod.ts";
import { compile } from "../compiler/mod.ts";
import { createRedactor, type HttpMode, loadSecrets, MOUNTED_SECRETS } from "../context/mod.ts";
import { createExecutor } from "../executor/mod.ts";
import { createNodeRunner } from "../nodes/mod.ts";
import { type Diagnostic, parseWorkflow } from "../spec/mod.ts";
import type { GenerationParts } from "./generation.ts";
import { createRunIds } from "./run_id.ts";
import { Workflow } from "./workflow.ts";
import { findWorkflowFile, readWorkflowText, type WorkflowFile } from "./workflow_file.ts";
import { WorkflowInvalidError } from "./workflow_invalid_error.ts";

/** Finished runs kept in memory, unless told otherwise. */
const DEFAULT_HISTORY_LIMIT = 1000;
/** Memory of finished runs, unless told otherwise. */
const DEFAULT_HISTORY_BYTES = 64 * 1024 * 1024;

/** Larger files are not even read. The parser's own limit is lower. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** What to open, and with what. */
export interface OpenWorkflowOptions {
  /** A folder, or the path of a `workflow.yaml`. */
  readonly dir: string;
  /** A file or folder of secrets, in place of the cascade. */
  readonly secretsPath?: string;
  /** Where the requests of nodes go; `live` by default. */
  readonly http?: HttpMode;
  readonly clock?: Clock;
  /** Even in [0, 1): jitter comes from here. */
  readonly random?: () => number;
  /** Finished runs kept in memory. */
  readonly historyLimit?: number;
  /** Memory that finished runs may take together, in bytes. */
  readonly historyBytes?: number;
  /** Folder of the user's for what need not be worked out twice; nothing is kept without one. */
  readonly cacheDir?: string | undefined;
  /** Hosts per set of rights; as many as cores by default, at least 2. */
  readonly maxHosts?: number;
  /** What is worth telling the operator, though nothing failed. */
  readonly onWarning?: (message: string) => void;
  /** Makes the runner of a version; tests hand in a fake one. */
  readonly createRunner?: typeof createNodeRunner;
}

/**
 * Opens a workflow folder: reads, checks and compiles its file, loads its secrets, and begins to start
 * its hosts. `ready()` of what comes back says when they are up.
 *
 * @throws {PdError} `WORKFLOW_NOT_FOUND`, `WORKFLOW_INVALID` (a `WorkflowInvalidError` with every
 * diagnostic), `PATH_ESCAPE`, `NODE_NOT_FOUND`, `NOT_AVAILABLE`, `SECRETS_INVALID`, `SECRETS_NOT_FOUND`
 */
export async function openWorkflow(options: OpenWorkflowOptions): Promise<Workflow> {
  const place = await findWorkflowFile(options.dir);
  const load = (version: number) => loadGeneration(place, version, options);
  const first = await load(1);
  return new Workflow({
    ...place,
    load,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    onWarning: (message) => options.onWarning?.(message),
    newRunId: createRunIds({ now: Date.now, fill: (bytes) => crypto.getRandomValues(bytes) }),
    history: {
      maxFinished: options.historyLimit ?? DEFAULT_HISTORY_LIMIT,
      maxBytes: options.historyBytes ?? DEFAULT_HISTORY_BYTES,
    },
    watchAlso: [options.secretsPath ?? MOUNTED_SECRETS],
  }, first);
}

/** Reads and checks the whole folder as it is now. */
async function loadGeneration(
  { dir, file }: WorkflowFile,
  version: number,
  options: OpenWorkflowOptions,
): Promise<GenerationParts> {
  const { spec, dag, diagnostics } = await loadGraph(file, options.cacheDir);
  const loaded = await loadSecrets({
    dir,
    ...options.secretsPath === undefined ? {} : { path: options.secretsPath },
  });
  const redactor = createRedactor(loaded.secrets);
  const runner = await (options.createRunner ?? createNodeRunner)({
    workflowDir: dir,
    dag,
    secrets: loaded.secrets,
    secretFiles: loaded.files,
    version,
    http: options.http ?? { kind: "live" },
    ...options.maxHosts === undefined ? {} : { maxHosts: options.maxHosts },
    onWarning: (message) => options.onWarning?.(redactor.text(message)),
  });
  return {
    spec,
    dag,
    diagnostics,
    executor: createExecutor(spec.config.execution),
    runner,
    redactor,
  };
}

type Graph = Pick<GenerationParts, "spec" | "dag" | "diagnostics">;

/** @throws {WorkflowInvalidError} */
async function loadGraph(file: string, cacheDir: string | undefined): Promise<Graph> {
  const text = await readWorkflowText(file, MAX_FILE_BYTES);
  const cache = cacheDir === undefined ? undefined : new SpecCache(cacheDir);
  const known = await cache?.get(text);
  const { dag } = known === undefined ? { dag: undefined } : compile(known);
  if (known !== undefined && dag !== undefined) return { spec: known, dag, diagnostics: [] };
  const graph = await readGraph(text, file);
  if (graph.diagnostics.length === 0) await cache?.put(text, graph.spec);
  return graph;
}

async function readGraph(text: string, file: string): Promise<Graph> {
  const parsed = await parseWorkflow(text, { file });
  // A draft is what could be read of a file with mistakes: the graph's problems are reported with them.
  const compiled = parsed.draft === undefined
    ? undefined
    : compile(parsed.draft, { file, locate: parsed.locate });
  const diagnostics = [...parsed.diagnostics, ...compiled?.diagnostics ?? []];
  if (parsed.spec === undefined || compiled?.dag === undefined) {
    throw new WorkflowInvalidError(file, diagnostics.toSorted(byPlace));
  }
  return { spec: parsed.spec, dag: compiled.dag, diagnostics };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column;
}
