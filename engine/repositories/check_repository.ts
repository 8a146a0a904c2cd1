import { CodedError } from "../errors/mod.ts";
import { checkBranch } from "./check_revision.ts";
import { checkGitUrl } from "./check_git_url.ts";
import type { Repository } from "./repository.ts";

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_NAME = 50;

/**
 * Refuses a name that no repository can have.
 *
 * @throws {CodedError} `SPEC_NAME`
 */
export function checkRepositoryName(name: string): void {
  if (name.length <= MAX_NAME && NAME.test(name)) return;
  throw new CodedError(
    "SPEC_NAME",
    `Cannot name a repository "${name}" as names are kebab-case and at most ${MAX_NAME} long: it is not`,
    { fix: "Use lower-case letters, digits and single hyphens, such as web-shop" },
  );
}

/**
 * Refuses a path that could lead out of a checkout. Links are seen when it is read.
 *
 * @throws {CodedError} `PATH_ESCAPE`
 */
export function checkWorkflowPath(path: string): void {
  const parts = path.split("/");
  // deno-lint-ignore no-control-regex
  const isOdd = path === "" || /[\x00-\x1f\x7f\\]/.test(path) || path.length > 500;
  if (!isOdd && !path.startsWith("/") && !parts.includes("..") && !parts.includes(".git")) return;
  throw new CodedError(
    "PATH_ESCAPE",
    `Cannot use "${path}" as the path of a workflow: it must stay within the repository`,
    { fix: "--workflow ci, a folder with a workflow.yaml" },
  );
}

/**
 * Refuses a repository that could not be run.
 *
 * @throws {CodedError} `SPEC_NAME`, `GIT_URL_INVALID`, `GIT_REF_INVALID`, `PATH_ESCAPE`, `USAGE`
 */
export function checkRepository(
  { name, url, branch, workflow, secretFrom }: Pick<
    Repository,
    "name" | "url" | "branch" | "workflow" | "secretFrom"
  >,
): void {
  checkRepositoryName(name);
  checkGitUrl(url);
  checkBranch(branch);
  if (workflow !== undefined) checkWorkflowPath(workflow);
  if (secretFrom !== undefined) checkSecretFrom(secretFrom);
}

function checkSecretFrom(from: string): void {
  if (/^file:\/./.test(from) || /^env:[A-Za-z_]\w*$/.test(from)) return;
  throw new CodedError(
    "USAGE",
    `Cannot read the secret of a webhook from "${from}": it is neither file:/path nor env:NAME`,
    { fix: "--secret-from file:/etc/pd/shop-hook" },
  );
}
