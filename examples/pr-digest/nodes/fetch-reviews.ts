import type { Context } from "pipedreamer";
import { type ByPull, getForEach, type Pulls, type Review } from "./github.ts";

/** The reviews of each pull request, oldest first. */
export default function fetchReviews(ctx: Context, input: Pulls): Promise<ByPull<Review[]>> {
  return getForEach(ctx, input, "reviews");
}
