import type { Capabilities, Gaps } from "../capabilities.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** What a driver declares, and what of the suite it does otherwise. */
export interface DriverResults {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly gaps: Gaps;
  /** Cases that its test leaves out although no capability is missing, each with its reason. */
  readonly skips: { readonly [does: string]: string };
}

/** What the capabilities mean to somebody who chooses a driver. */
const MEANINGS: { readonly [capability in keyof Capabilities]: string } = {
  images: "runs images",
  isolation: "steps cannot see or change the host",
  sandbox: "containers that stay, with `exec`",
  limits: "`limits` are enforced",
  processLimit: "`limits.pids` is enforced",
  privileged: "privileged steps",
  user: "`user` is obeyed",
  sharedVolumes: "several steps use a volume at once",
  absolutePaths: "mounts appear at their path",
  readOnlyMounts: "read-only mounts",
  stdin: "stdin",
};

/** The tables of docs/reference/drivers.md, as Markdown: capabilities, the suite, and a reason for every gap. */
export function conformanceTable(
  drivers: readonly DriverResults[],
  cases: readonly ConformanceCase[],
): string {
  const reasons: Reason[] = [];
  const capabilities = (Object.keys(MEANINGS) as (keyof Capabilities)[]).map((capability) => [
    MEANINGS[capability],
    ...drivers.map((driver) => capabilityCell(driver, capability, reasons)),
  ]);
  const suite = cases.map((one) => [
    one.does,
    ...drivers.map((driver) => caseCell(driver, one, reasons)),
  ]);
  const names = drivers.map(({ name }) => `\`${name}\``);
  return [
    "### Capabilities",
    table(["", ...names], capabilities),
    "### Why not",
    table(
      ["", "driver", "gap", "reason"],
      reasons.map(({ driver, gap, reason }, index) => [
        `${index + 1}`,
        `\`${driver}\``,
        gap,
        reason,
      ]),
    ),
    "### What the suite shows",
    table(["a driver …", ...names], suite),
  ].join("\n\n");
}

interface Reason {
  readonly driver: string;
  readonly gap: string;
  readonly reason: string;
}

function capabilityCell(
  { name, capabilities, gaps }: DriverResults,
  capability: keyof Capabilities,
  reasons: Reason[],
): string {
  const reason = gaps[capability];
  const has = capabilities[capability];
  if (has && reason === undefined) return "yes";
  const gap = MEANINGS[capability];
  reasons.push({ driver: name, gap, reason: reason ?? "it gives none" });
  return `${has ? "partly" : "no"} (${reasons.length})`;
}

function caseCell(driver: DriverResults, one: ConformanceCase, reasons: Reason[]): string {
  const skip = driver.skips[one.does];
  if (skip !== undefined) {
    reasons.push({ driver: driver.name, gap: one.does, reason: skip });
    return `no (${reasons.length})`;
  }
  if (one.needs === undefined || driver.capabilities[one.needs]) return "yes";
  const gap = MEANINGS[one.needs];
  const at = reasons.findIndex((one) => one.driver === driver.name && one.gap === gap);
  return `no (${at + 1})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(1, ...all.map((row) => (row[column] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
