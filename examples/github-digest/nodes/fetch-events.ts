import type { Context } from "pipedreamer";
import { get, type RepoEvent } from "./github.ts";

interface RepoEvents {
  repo: string;
  events: RepoEvent[];
}

/** The newest public events of a repository. */
export default async function fetchEvents(
  ctx: Context,
  { repo }: { repo: string },
): Promise<RepoEvents> {
  const events = await get<RepoEvent[]>(ctx, `/repos/${repo}/events?per_page=100`);
  ctx.log.info("fetched", { events: events.length });
  return { repo, events };
}
