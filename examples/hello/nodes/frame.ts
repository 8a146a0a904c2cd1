import type { Context } from "pipedreamer";

/** Draws a box around one line of text. */
export default function frame(_ctx: Context, text: string): string {
  const edge = "─".repeat([...text].length + 2);
  return [`┌${edge}┐`, `│ ${text} │`, `└${edge}┘`].join("\n");
}
