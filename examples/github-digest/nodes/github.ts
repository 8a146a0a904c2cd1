import { type Context, TerminalError } from "pipedreamer";

/** An event of a repository, of those types that the digest tells about. */
export type RepoEvent =
  | { type: "PushEvent"; actor: Actor; payload: { ref: string; size: number } }
  | { type: "PullRequestEvent"; actor: Actor; payload: { action: string; pull_request: Titled } }
  | { type: "IssuesEvent"; actor: Actor; payload: { action: string; issue: Titled } };

export interface Release {
  tag_name: string;
  name: string | null;
  html_url: string;
  draft: boolean;
  published_at: string | null;
}

interface Actor {
  login: string;
}

interface Titled {
  number: number;
  title: string;
}

/** Reads from the REST API. With `github.token` among the secrets, `ctx.fetch` sends it along. */
export async function get<T>(ctx: Context, path: string): Promise<T> {
  const response = await ctx.fetch("github", path, {
    headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
  });
  if (response.status === 404) {
    throw new TerminalError(`GitHub has no ${path}`, {
      fix: "pd run examples/github-digest --repo owner/name",
    });
  }
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${path}`);
  return await response.json();
}
