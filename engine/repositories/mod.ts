/** Git repositories whose commits are run: mirrors, checkouts, templates, and what a push starts. */
export { openRepositories, type OpenRepositoriesOptions } from "./open_repositories.ts";
export {
  lineName,
  type NewRepository,
  type ReceivedPush,
  type Repositories,
  type RunRequest,
  type StartedRun,
  type StartedRuns,
  type TemplateContent,
} from "./repositories.ts";
export type { Attachment, Repository, RepositoryProblem, Template } from "./repository.ts";
export { RepositoryStore } from "./repository_store.ts";
export { addTemplate } from "./add_template.ts";
export { checkRepository } from "./check_repository.ts";
export { hookScript, type HookScriptOptions } from "./hook_script.ts";
