/** Runs of commits, as a pipeline service has them, and what takes push webhooks. */
export { createGroup } from "./repository_group.ts";
