import type { Context } from "pipedreamer";
import type { ByPull, Commit, Pulls, Review } from "./github.ts";

/** One pull request as the digest shows it. */
export interface Summary {
  number: number;
  title: string;
  author: string;
  url: string;
  state: "draft" | "approved" | "changes requested" | "waits for review";
  commits: number;
  /** Day of the newest commit, `2025-11-20`. */
  updated: string;
}

interface Input {
  "list-pulls": Pulls;
  "fetch-reviews": ByPull<Review[]>;
  "fetch-commits": ByPull<Commit[]>;
}

/** Joins what is known about each pull request. */
export default function merge(_ctx: Context, input: Input): { repo: string; pulls: Summary[] } {
  const { repo, pulls } = input["list-pulls"];
  return {
    repo,
    pulls: pulls.map(({ number, title, draft, html_url, user }) => {
      const reviews = input["fetch-reviews"][number] ?? [];
      const commits = input["fetch-commits"][number] ?? [];
      return {
        number,
        title,
        author: user.login,
        url: html_url,
        state: draft ? "draft" : verdict(reviews),
        commits: commits.length,
        updated: commits.at(-1)?.commit.author.date.slice(0, 10) ?? "",
      };
    }),
  };
}

/** The last word of each reviewer counts; one who asks for changes outweighs all who approve. */
function verdict(reviews: Review[]): Summary["state"] {
  const last = new Map<string, Review["state"]>();
  for (const { user, state } of reviews) {
    if (state !== "COMMENTED" && state !== "PENDING") last.set(user.login, state);
  }
  const words = [...last.values()];
  if (words.includes("CHANGES_REQUESTED")) return "changes requested";
  return words.includes("APPROVED") ? "approved" : "waits for review";
}
