/** Git repositories whose commits are run: mirrors, checkouts, templates, and what a push starts. */
export { openRepositories, type OpenRepositoriesOptions } from "./open_repositories.ts";
export {
  lineName,
  type ReceivedPush,
  type Repositories,
  type RunRequest,
  type StartedRun,
  type StartedRuns,
} from "./repositories.ts";
export type { Attachment, Repository, RepositoryProblem, Template } from "./repository.ts";
export { RepositoryStore } from "./repository_store.ts";
export { checkRepository } from "./check_repository.ts";
