import type { NodeSpec } from "../spec/mod.ts";
import type { CompiledDag, CompiledNode } from "./compiled_dag.ts";

/** How the diagram is laid out. */
export interface MermaidOptions {
  /** `TD` (default) puts one stage below the other, `LR` side by side. */
  readonly direction?: "TD" | "LR";
}

/** Words that Mermaid reads as its own where a node's name may stand. */
const RESERVED = new Set(
  "end graph flowchart subgraph style linkstyle class classdef click call href default direction"
    .split(" "),
);

/**
 * The graph as Mermaid flowchart text: one box per stage, rectangles for code, hexagons for
 * containers, double-walled boxes for sub-workflows, dashed lines for `allow_failure`. The same dag
 * gives the same text, and a name in it does not change when nodes are added.
 */
export function toMermaid(dag: CompiledDag, options: MermaidOptions = {}): string {
  const names = nameNodes(dag);
  const lines = [`flowchart ${options.direction ?? "TD"}`];
  for (const [i, stage] of dag.stages.entries()) {
    lines.push(`  subgraph stage_${i + 1}["Stage ${i + 1}"]`);
    for (const index of stage) {
      const { spec } = dag.nodes[index] as CompiledNode;
      lines.push(`    ${names[index]}${shape(spec)}`);
    }
    lines.push("  end");
  }
  for (const node of dag.nodes) {
    for (const dependent of node.dependents) {
      lines.push(`  ${names[node.index]} --> ${names[dependent]}`);
    }
  }
  const optional = dag.nodes.filter((node) => node.spec.allowFailure);
  if (optional.length > 0) {
    lines.push("  classDef allow_failure stroke-dasharray:4 3");
    lines.push(`  class ${optional.map((node) => names[node.index]).join(",")} allow_failure`);
  }
  return lines.join("\n") + "\n";
}

function shape(spec: NodeSpec): string {
  const label = `"${escapeLabel(spec.id)}"`;
  switch (spec.kind) {
    case "code":
      return `[${label}]`;
    case "container":
    case "script":
      return `{{${label}}}`;
    case "workflow":
      return `[[${label}]]`;
  }
}

/** A name for each node that Mermaid takes as one, close to the node's own. */
function nameNodes(dag: CompiledDag): readonly string[] {
  const taken = new Set(dag.stages.map((_, i) => `stage_${i + 1}`));
  return dag.nodes.map(({ id }) => {
    const plain = id.replace(/[^A-Za-z0-9]/g, "_");
    const safe = RESERVED.has(plain.toLowerCase()) || !/^[A-Za-z]/.test(plain)
      ? `n_${plain}`
      : plain;
    let name = safe;
    for (let i = 2; taken.has(name); i++) name = `${safe}_${i}`;
    taken.add(name);
    return name;
  });
}

/** Mermaid's own entities: `#quot;` and character codes. */
function escapeLabel(text: string): string {
  return text.replace(
    /[#"&<>`\\\r\n]/g,
    (char) => char === '"' ? "#quot;" : `#${char.charCodeAt(0)};`,
  );
}
