/** `pd repo`: repositories whose commits are run, and templates at work for them. */
export type { DeskFlags } from "./desk.ts";
export {
  addRepository,
  listRepositories,
  removeRepositories,
  showRepository,
} from "./manage_repositories.ts";
export { addTemplate, attachTemplate, detachTemplate, listTemplates } from "./manage_templates.ts";
export { printHook } from "./print_hook.ts";
