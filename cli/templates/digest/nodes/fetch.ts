import type { Context } from "pipedreamer";
import type { Story } from "./story.ts";

/** Loads the current top stories, all at the same time. */
export default async function fetchStories(
  ctx: Context,
  input: { limit: number },
): Promise<Story[]> {
  const ids = await get<number[]>(ctx, "/v0/topstories.json");
  const stories = await Promise.all(
    ids.slice(0, input.limit).map((id) => get<Story | null>(ctx, `/v0/item/${id}.json`)),
  );
  ctx.log.info("fetched", { stories: stories.length });
  // A story that was deleted a moment ago is null.
  return stories.filter((story) => story !== null);
}

async function get<T>(ctx: Context, path: string): Promise<T> {
  const response = await ctx.fetch("hn", path);
  if (!response.ok) throw new Error(`Hacker News answered ${response.status} to ${path}`);
  return await response.json();
}
