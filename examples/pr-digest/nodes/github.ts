import type { Context } from "pipedreamer";

export interface Pull {
  number: number;
  title: string;
  draft: boolean;
  html_url: string;
  user: { login: string };
}

export interface Review {
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";
  user: { login: string };
}

export interface Commit {
  sha: string;
  commit: { author: { date: string } };
}

/** What `list-pulls` hands to the two nodes that fetch. */
export interface Pulls {
  repo: string;
  pulls: Pull[];
}

/** Something for each pull request, by its number. */
export type ByPull<T> = { [number: string]: T };

/** Reads from the REST API. With `github.token` among the secrets, `ctx.fetch` sends it along. */
export async function get<T>(ctx: Context, path: string): Promise<T> {
  const response = await ctx.fetch("github", path, {
    headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
  });
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${path}`);
  return await response.json();
}

/** Reads a list that belongs to each pull request, all at the same time. */
export async function getForEach<T>(
  ctx: Context,
  { repo, pulls }: Pulls,
  list: "reviews" | "commits",
): Promise<ByPull<T[]>> {
  const entries = await Promise.all(
    pulls.map(async ({ number }) =>
      [number, await get<T[]>(ctx, `/repos/${repo}/pulls/${number}/${list}`)] as const
    ),
  );
  return Object.fromEntries(entries);
}
