import type { Context } from "pipedreamer";
import { type ByPull, type Commit, getForEach, type Pulls } from "./github.ts";

/** The commits of each pull request, oldest first. */
export default function fetchCommits(ctx: Context, input: Pulls): Promise<ByPull<Commit[]>> {
  return getForEach(ctx, input, "commits");
}
