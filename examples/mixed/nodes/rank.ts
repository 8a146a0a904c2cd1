import type { Context } from "pipedreamer";

/** The most frequent words first, by name where they are as frequent. */
export default function rank(
  _ctx: Context,
  counts: { readonly [word: string]: number },
): string {
  return Object.entries(counts)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([word, count]) => `${count} ${word}`)
    .join("\n");
}
