import { cacheDir, SpecCache } from "../engine/cache/mod.ts";
import type { Diagnostic, WorkflowSpec } from "../engine/spec/mod.ts";
import type { Target } from "./targets/mod.ts";
import { shownPath } from "./targets/mod.ts";
import type { Io } from "./terminal/mod.ts";

// Computed: the same text was mostly read before, and then none of this is needed.
const SPEC = new URL("../engine/spec/mod.ts", import.meta.url).href;
const COMPILER = new URL("../engine/compiler/mod.ts", import.meta.url).href;
const WORKFLOW = new URL("../engine/workflow/mod.ts", import.meta.url).href;

/**
 * The spec of a workflow without mistakes.
 *
 * @throws {WorkflowInvalidError} with all of its problems, when it has mistakes
 */
export async function readSpec(target: Target, io: Io): Promise<WorkflowSpec> {
  const text = await Deno.readTextFile(target.file);
  const dir = cacheDir(io.env);
  const cache = dir === undefined ? undefined : new SpecCache(dir);
  const known = await cache?.get(text);
  if (known !== undefined) return known;
  const { parseWorkflow }: typeof import("../engine/spec/mod.ts") = await import(SPEC);
  const { compile }: typeof import("../engine/compiler/mod.ts") = await import(COMPILER);
  const file = shownPath(target.file, io.cwd);
  const parsed = await parseWorkflow(text, { file });
  const compiled = parsed.draft === undefined
    ? undefined
    : compile(parsed.draft, { file, locate: parsed.locate });
  const diagnostics = [...parsed.diagnostics, ...compiled?.diagnostics ?? []];
  if (parsed.spec === undefined || diagnostics.some(isError)) {
    const { WorkflowInvalidError }: typeof import("../engine/workflow/mod.ts") = await import(
      WORKFLOW
    );
    throw new WorkflowInvalidError(file, diagnostics);
  }
  if (diagnostics.length === 0) await cache?.put(text, parsed.spec);
  return parsed.spec;
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}
