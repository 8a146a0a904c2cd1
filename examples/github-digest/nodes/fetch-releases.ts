import type { Context } from "pipedreamer";
import { get, type Release } from "./github.ts";

/** The newest published releases of a repository. */
export default async function fetchReleases(
  ctx: Context,
  input: { repo: string },
): Promise<Release[]> {
  const releases = await get<Release[]>(ctx, `/repos/${input.repo}/releases?per_page=5`);
  return releases.filter((release) => !release.draft);
}
