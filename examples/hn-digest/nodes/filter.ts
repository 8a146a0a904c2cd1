import type { Context } from "pipedreamer";
import type { Item, Stories } from "./item.ts";

/** Keeps the stories on the topic that enough people liked, the best ones first. */
export default function filter(ctx: Context, { topic, stories }: Stories): Stories {
  const minScore = Number(ctx.config["min_score"] ?? 0);
  const isWanted = ({ type, dead, score, title }: Item): boolean =>
    type === "story" && !dead && score >= minScore && hasWord(title, topic);

  return { topic, stories: stories.filter(isWanted).sort((a, b) => b.score - a.score) };
}

function hasWord(title: string, topic: string): boolean {
  return title.toLowerCase().includes(topic.toLowerCase());
}
