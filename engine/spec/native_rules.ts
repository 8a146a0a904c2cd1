import { type Problem, problemAt } from "./problem.ts";
import type { WorkflowFile } from "./workflow_schema.ts";

type NodeFile = WorkflowFile["nodes"][string];

/** The workspace as a path of its own, not as part of a longer one. */
const WORKSPACE = /(^|[^A-Za-z0-9_.~/-])\/workspace(?![A-Za-z0-9_-])/;

/** Warns of `/workspace` in what the driver `native` runs: on the host there is no such folder. */
export function checkNative(
  path: readonly (string | number)[],
  node: NodeFile,
  defaultDriver: string | undefined,
): Problem[] {
  if (!("run" in node || "command" in node)) return [];
  const driver = node.driver ?? defaultDriver ?? "";
  if (!/^native($|[:?])/.test(driver)) return [];
  const texts: readonly (readonly [readonly (string | number)[], string])[] = "run" in node
    ? [[[...path, "run"], node.run]]
    : node.command.map((argument, index) => [[...path, "command", index], argument] as const);
  return texts.flatMap(([place, text]) => {
    if (text === undefined || !WORKSPACE.test(text)) return [];
    return [problemAt(place, {
      code: "SPEC_CONFLICT",
      rule: "commands of the driver native run on the host, where there is no /workspace",
      state: "it has such a path",
      fix: { say: "Use a relative path, or $PD_WORKSPACE in place of /workspace" },
    }, { severity: "warning" })];
  });
}
