import type { Context } from "pipedreamer";
import type { Item, Stories } from "./item.ts";

/** Writes the digest that people read. */
export default function format(_ctx: Context, { topic, stories }: Stories): string {
  const heading = topic === "" ? "Hacker News today" : `Hacker News today: ${topic}`;
  if (stories.length === 0) return `${heading}\n\nNo stories.`;
  return [heading, ...stories.map(entry)].join("\n\n");
}

function entry({ id, title, score, by, descendants = 0, url }: Item, index: number): string {
  return [
    `${String(index + 1).padStart(2)}. ${title}`,
    `    ${score} points by ${by}, ${descendants} comments`,
    `    ${url ?? `https://news.ycombinator.com/item?id=${id}`}`,
  ].join("\n");
}
