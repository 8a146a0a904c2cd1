import type { WorkflowSpec } from "../spec/mod.ts";

/** Whether a node of a workflow in `dir` has leave to write at the absolute `path`: its own output is no edit. */
export function isWrittenByNodes(
  { nodes }: Pick<WorkflowSpec, "nodes">,
  { dir, path }: { readonly dir: string; readonly path: string },
): boolean {
  return nodes.some((node) =>
    node.kind === "code" && (node.permissions?.write ?? []).some((written) => {
      const root = written.startsWith("/") ? written : `${dir}/${written.replace(/^\.\//, "")}`;
      return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
    })
  );
}
