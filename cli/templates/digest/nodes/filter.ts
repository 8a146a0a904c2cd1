import type { Context } from "pipedreamer";
import type { Story } from "./story.ts";

/** Keeps the stories that enough people liked, the best ones first. */
export default function filter(ctx: Context, stories: Story[]): Story[] {
  const minScore = Number(ctx.config["min_score"] ?? 0);
  return stories.filter(({ score }) => score >= minScore).sort((a, b) => b.score - a.score);
}
