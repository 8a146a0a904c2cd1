import { basename, extname } from "node:path";
import { compile, type CompiledDag, criticalPath, toMermaid } from "../engine/compiler/mod.ts";
import { parseWorkflow } from "../engine/spec/mod.ts";
import { WorkflowInvalidError } from "../engine/workflow/mod.ts";
import type { Cli } from "./cli.ts";
import { findTarget, shownPath } from "./targets/mod.ts";
import { UsageError } from "./usage_error.ts";

/** How a graph can be drawn. */
export type DrawFormat = "text" | "mermaid" | "svg" | "png" | "pdf";

/** What `pd visualize` was asked. */
export interface DrawRequest {
  readonly target: string;
  /** By the ending of `file` when undefined, else text. */
  readonly format: DrawFormat | undefined;
  /** Absolute; stdout when undefined. */
  readonly file: string | undefined;
}

const ENDINGS: { readonly [ending: string]: DrawFormat } = {
  ".txt": "text",
  ".mmd": "mermaid",
  ".mermaid": "mermaid",
  ".md": "mermaid",
  ".svg": "svg",
  ".png": "png",
  ".pdf": "pdf",
};

/** More boxes than this are a tangle in a terminal. */
const MAX_DRAWN_NODES = 40;

/** Draws a workflow to a file or to stdout. */
export async function drawTarget(cli: Cli, request: DrawRequest): Promise<void> {
  const { io, out } = cli;
  const format = request.format ?? formatOf(request.file, request.target);
  if ((format === "png" || format === "pdf") && request.file === undefined) {
    throw new UsageError(
      `Cannot print "${format}" as it is no text: it needs a file`,
      `pd visualize ${request.target} --format ${format} -o graph.${format}`,
    );
  }
  const target = await findTarget(request.target, io.cwd, { command: "pd visualize" });
  const file = shownPath(target.file, io.cwd);
  const dag = await readDag(await Deno.readTextFile(target.file), file);
  const mermaid = toMermaid(dag);
  if (format === "png" || format === "pdf") {
    const { drawPicture } = await import("./draw_picture.ts");
    await drawPicture(cli, { mermaid, format, file: request.file ?? "" });
  } else {
    const text = await draw(format, mermaid, dag);
    if (request.file === undefined) {
      out.result(text, { format, text, criticalPaths: pathsOf(dag) });
      return;
    }
    await Deno.writeTextFile(request.file, text);
  }
  const written = shownPath(request.file ?? "", io.cwd);
  out.result(`wrote ${written}`, { format, file: written, criticalPaths: pathsOf(dag) });
}

/** By the ending of the file; text when there is none. */
function formatOf(file: string | undefined, target: string): DrawFormat {
  const ending = extname(file ?? "").toLowerCase();
  const format = ending === "" ? "text" : ENDINGS[ending];
  if (format !== undefined) return format;
  throw new UsageError(
    `Cannot tell how to draw "${basename(file ?? "")}" as its ending names no format: known are ${
      Object.keys(ENDINGS).join(", ")
    }`,
    `pd visualize ${target} --format text -o ${basename(file ?? "")}`,
  );
}

async function readDag(text: string, file: string): Promise<CompiledDag> {
  const parsed = await parseWorkflow(text, { file });
  const compiled = parsed.draft === undefined
    ? undefined
    : compile(parsed.draft, { file, locate: parsed.locate });
  const diagnostics = [...parsed.diagnostics, ...compiled?.diagnostics ?? []];
  if (compiled?.dag === undefined || diagnostics.some(({ severity }) => severity === "error")) {
    throw new WorkflowInvalidError(file, diagnostics);
  }
  return compiled.dag;
}

async function draw(
  format: "text" | "mermaid" | "svg",
  mermaid: string,
  dag: CompiledDag,
): Promise<string> {
  if (format === "mermaid") return mermaid;
  if (format === "text") return await drawText(mermaid, dag);
  const { renderMermaidSVG } = await import("beautiful-mermaid");
  return renderMermaidSVG(mermaid);
}

/** Boxes and arrows while they can be read, then the stages, and what decides how long a run takes. */
async function drawText(mermaid: string, dag: CompiledDag): Promise<string> {
  const { staged, eager } = pathsOf(dag);
  const stages = dag.stages.map((stage, index) =>
    `stage ${index + 1}: ${stage.map((node) => dag.nodes[node]?.id).join(", ")}`
  );
  return [
    ...(dag.nodes.length <= MAX_DRAWN_NODES ? [await drawBoxes(mermaid), ""] : []),
    ...stages,
    "",
    `critical path, staged: ${staged.join(" -> ")}`,
    `critical path, eager:  ${eager.join(" -> ")}`,
    "",
  ].join("\n");
}

async function drawBoxes(mermaid: string): Promise<string> {
  const { renderMermaidASCII } = await import("beautiful-mermaid");
  // A box around each stage takes more room than a terminal has: the stages are listed below.
  const flat = mermaid.split("\n").filter((line) => !/^\s*(subgraph\b|end$)/.test(line)).join("\n");
  const boxes = renderMermaidASCII(flat, {
    colorMode: "none",
    paddingX: 4,
    paddingY: 4,
    boxBorderPadding: 0,
  });
  return boxes.split("\n").map((line) => line.trimEnd()).join("\n").trimEnd();
}

/** Both critical paths, every node counted as equally long. */
function pathsOf(dag: CompiledDag): { staged: string[]; eager: string[] } {
  const one = () => 1;
  return {
    staged: [...criticalPath(dag, one, "staged").nodes],
    eager: [...criticalPath(dag, one, "eager").nodes],
  };
}
