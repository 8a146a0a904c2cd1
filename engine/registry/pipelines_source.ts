import { matchesGlob } from "node:path";
import type { Clock } from "../clock/mod.ts";
import { compile } from "../compiler/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { formatDiagnostic, type PipelinesReading, readPipelines } from "../spec/mod.ts";
import { openWorkflow, type WorkflowGraph, type WorkflowSettings } from "../workflow/mod.ts";
import type { Storage } from "../storage/mod.ts";
import { FormerPipelines } from "./former_pipelines.ts";
import { PipelinesInvalidError } from "./pipelines_invalid_error.ts";
import type { FoundWorkflow, RegistrySource, SourceLook } from "./registry_source.ts";
import { stampOfJson } from "./stamp_of_json.ts";
import { walkFiles } from "./walk_files.ts";

/** Which files hold pipelines, and with what they are opened. */
export interface PipelinesSourceOptions {
  /** Absolute, symlinks resolved. */
  readonly path: string;
  /** A glob over paths below `path`. */
  readonly pattern: string;
  /** Where scripts run. Absolute. */
  readonly scriptsDir: string;
  readonly settings: WorkflowSettings;
  readonly storage: Storage;
  readonly clock: Clock;
  onWarning(message: string): void;
}

/** Before the name of a pipeline in the key of its runs. */
export const PIPELINES_KEY = "pipelines:";

/** The pipelines of all `pipelines.yml` files below a path. */
export interface PipelinesSource extends RegistrySource {
  /** @throws {PipelinesInvalidError} with every mistake of every file */
  check(): Promise<void>;
}

/** While any of the files has a mistake, all pipelines stay as they were. */
export function pipelinesFiles(options: PipelinesSourceOptions): PipelinesSource {
  const { path, pattern, scriptsDir, settings } = options;
  const graphs = new Map<string, WorkflowGraph>();
  const former = new FormerPipelines(options);
  let hasLooked = false;
  let warned: ReadonlySet<string> = new Set();

  async function read(): Promise<PipelinesReading> {
    const { base, rest } = splitPattern(path, pattern);
    const isThere = await Deno.stat(base).catch(() => undefined);
    const files = isThere?.isDirectory ? await walkFiles(base) : [];
    const texts = await Promise.all(
      files.filter((file) => matchesGlob(file, rest)).map(async (name) => {
        const file = `${base}/${name}`;
        return { file, text: await Deno.readTextFile(file) };
      }),
    );
    return await readPipelines(texts, compile);
  }

  function load(name: string): Promise<WorkflowGraph> {
    const graph = graphs.get(name);
    return graph === undefined ? Promise.reject(gone(name)) : Promise.resolve(graph);
  }

  async function look(): Promise<SourceLook> {
    const { pipelines, problems, warnings } = await read();
    const texts = new Set(warnings.map((warning) => formatDiagnostic(warning)));
    for (const text of texts) if (!warned.has(text)) options.onWarning(text);
    warned = texts;
    if (problems.length > 0) {
      return {
        found: [],
        problems: byFile(new PipelinesInvalidError(problems)),
        isBroken: (id) => id.startsWith(PIPELINES_KEY),
      };
    }
    graphs.clear();
    hasLooked = true;
    const found = pipelines.map(async ({ name, file, ...graph }): Promise<FoundWorkflow> => {
      graphs.set(name, graph);
      const id = PIPELINES_KEY + name;
      return {
        id,
        name,
        origin: { kind: "pipelines", place: file },
        stamp: await stampOfJson(graph.spec as unknown as JsonValue),
        open: () =>
          openWorkflow({
            ...settings,
            workflowKey: id,
            source: { dir: scriptsDir, file, load: () => load(name) },
          }),
      };
    });
    return { found: await Promise.all(found), problems: [], isBroken: () => false };
  }

  return {
    look,
    async settled() {
      if (hasLooked) await former.update([...graphs.keys()].map((name) => PIPELINES_KEY + name));
    },
    async check() {
      const { problems } = await read();
      if (problems.length > 0) throw new PipelinesInvalidError(problems);
    },
  };
}

function byFile({ diagnostics }: PipelinesInvalidError): SourceLook["problems"] {
  const messages = Map.groupBy(diagnostics, ({ file }) => file);
  return [...messages].map(([place, problems]) => ({
    place,
    message: problems.map((problem) => formatDiagnostic(problem)).join("\n"),
  }));
}

/** Whether the file of that absolute path holds pipelines. */
export function isPipelinesFile(
  file: string,
  { path, pattern }: Pick<PipelinesSourceOptions, "path" | "pattern">,
): boolean {
  const { base, rest } = splitPattern(path, pattern);
  return file.startsWith(`${base}/`) && matchesGlob(file.slice(base.length + 1), rest);
}

/** The part before the first folder with a wildcard is walked, even where it is hidden. */
function splitPattern(
  path: string,
  pattern: string,
): { readonly base: string; readonly rest: string } {
  const parts = pattern.replace(/^\.\//, "").split("/");
  const wild = parts.findIndex((part) => /[*?{}[\]()!]/.test(part));
  const literal = parts.slice(0, wild === -1 ? parts.length - 1 : wild);
  return { base: [path, ...literal].join("/"), rest: parts.slice(literal.length).join("/") };
}

function gone(name: string): CodedError {
  return new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot load "${name}" as a pipeline: no file has it any more`,
  );
}
