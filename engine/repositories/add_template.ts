import { CodedError } from "../errors/mod.ts";
import type { WorkflowStore } from "../storage/mod.ts";
import { checkRepositoryName } from "./check_repository.ts";
import type { TemplateContent } from "./repositories.ts";
import type { RepositoryStore } from "./repository_store.ts";

/** Where templates go. */
export interface TemplatePlace {
  readonly store: RepositoryStore;
  readonly workflows: WorkflowStore;
  now(): number;
}

/**
 * Stores a version of a template, or makes what is stored under that name one.
 *
 * @throws {CodedError} `SPEC_NAME`, `WORKFLOW_NOT_FOUND`, `PATH_ESCAPE`, `NOT_FOUND`
 */
export async function addTemplate(
  name: string,
  content: TemplateContent | undefined,
  { store, workflows, now }: TemplatePlace,
): Promise<{ readonly version: number }> {
  checkRepositoryName(name);
  const stored = content === undefined
    ? await workflows.getWorkflow(name)
    : await workflows.putWorkflow({
      ...checked(name, content),
      name,
      driver: undefined,
      createdAt: now(),
    });
  if (stored === undefined) {
    throw new CodedError(
      "NOT_FOUND",
      `Cannot find "${name}" as a stored workflow: there is none`,
      { fix: `pd repo template add ${name} path/to/folder` },
    );
  }
  await store.addTemplate(name);
  return { version: stored.version };
}

function checked(name: string, content: TemplateContent): TemplateContent {
  const paths = Object.keys(content.files);
  const odd = paths.find((path) => path.startsWith("/") || path.split("/").includes(".."));
  if (odd !== undefined) {
    throw new CodedError(
      "PATH_ESCAPE",
      `Cannot store "${odd}" as a file of "${name}": it would lie outside of its folder`,
      { fix: "Use paths within the folder" },
    );
  }
  if (content.kind === "pipeline" || paths.some((path) => /^workflow\.ya?ml$/.test(path))) {
    return content;
  }
  throw new CodedError(
    "WORKFLOW_NOT_FOUND",
    `Cannot store "${name}" as a template: it has no workflow.yaml`,
    { fix: "Add a workflow.yaml to its files" },
  );
}
