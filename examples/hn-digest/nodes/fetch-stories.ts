import type { Context } from "pipedreamer";
import type { Item, Stories } from "./item.ts";

interface Input {
  topic: string;
  limit: number;
}

/** Loads the current top stories, all at the same time. */
export default async function fetchStories(
  ctx: Context,
  { topic, limit }: Input,
): Promise<Stories> {
  const ids = await get<number[]>(ctx, "/v0/topstories.json");
  const items = await Promise.all(
    ids.slice(0, limit).map((id) => get<Item | null>(ctx, `/v0/item/${id}.json`)),
  );
  // an item that was deleted a moment ago is null
  const stories = items.filter((item) => item !== null);
  ctx.log.info("fetched", { stories: stories.length });
  return { topic, stories };
}

async function get<T>(ctx: Context, path: string): Promise<T> {
  const response = await ctx.fetch("hn", path);
  if (!response.ok) throw new Error(`Hacker News answered ${response.status} to ${path}`);
  return await response.json();
}
