import type { Context } from "pipedreamer";
import { get, type Pull, type Pulls } from "./github.ts";

interface Input {
  repo: string;
  limit: number;
}

/** The open pull requests of a repository, newest first. */
export default async function listPulls(ctx: Context, { repo, limit }: Input): Promise<Pulls> {
  const pulls = await get<Pull[]>(ctx, `/repos/${repo}/pulls?state=open&per_page=${limit}`);
  return { repo, pulls };
}
