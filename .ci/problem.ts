/** Something that the gate found: where, what, and how to fix it. */
export interface Problem {
  /** `path` or `path:line`. */
  readonly where: string;
  readonly what: string;
  readonly fix: string;
}

/** The problems as text, one block each; empty when there are none. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ where, what, fix }) => `${where}  ${what}\n  Fix: ${fix}`).join("\n");
}
