import type { Context } from "pipedreamer";
import type { Story } from "./story.ts";

/** Writes the text that people read. */
export default function format(_ctx: Context, stories: Story[]): string {
  if (stories.length === 0) return "No stories today.";
  return stories.map(({ id, title, by, score, url }, index) =>
    [
      `${index + 1}. ${title} (${score} points by ${by})`,
      `   ${url ?? `https://news.ycombinator.com/item?id=${id}`}`,
    ].join("\n")
  ).join("\n");
}
