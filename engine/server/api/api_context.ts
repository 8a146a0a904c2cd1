import { mayDo, type Principal, type TokenClaims } from "../../auth/mod.ts";
import type { Clock } from "../../clock/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { Schedules } from "../../schedules/mod.ts";
import type { FoundRun, RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import type { Repositories } from "../../repositories/mod.ts";

/** What handlers work with. */
export interface ApiContext {
  readonly registry: Registry;
  readonly clock: Clock;
  /** Signs a token of this server; undefined where nobody needs one. */
  readonly issueToken: ((claims: TokenClaims) => Promise<string>) | undefined;
  /** Those that can be made and changed; none can without it. */
  readonly schedules: Schedules | undefined;
  /** Repositories whose commits are run; undefined where there are none. */
  readonly repositories?: Repositories | undefined;
}

/** The workflows that somebody may see. */
export function visible(
  { registry }: Pick<ApiContext, "registry">,
  principal: Principal,
): readonly RegisteredWorkflow[] {
  return registry.list().filter(({ name }) => mayDo(principal, "read", name));
}

/**
 * The workflow of that name, when the caller may see it.
 *
 * @throws {CodedError} `NOT_FOUND`: what may not be seen is not there
 */
export function workflowOf(
  { registry }: Pick<ApiContext, "registry">,
  principal: Principal,
  name: string,
): RegisteredWorkflow {
  const entry = mayDo(principal, "read", name) ? registry.get(name) : undefined;
  if (entry !== undefined) return entry;
  throw new CodedError(
    "NOT_FOUND",
    `Cannot find "${name}" as a workflow: there is none of that name that this token may see`,
    { fix: "GET /api/v1/workflows lists those that are" },
  );
}

/**
 * The run of that id, when the caller may see its workflow.
 *
 * @throws {CodedError} `RUN_NOT_FOUND`
 */
export async function runOf(
  { registry }: Pick<ApiContext, "registry">,
  principal: Principal,
  id: string,
): Promise<FoundRun> {
  const found = await registry.findRun(id);
  if (found !== undefined && mayDo(principal, "read", found.entry.name)) return found;
  throw new CodedError(
    "RUN_NOT_FOUND",
    `Cannot find "${id}" as a run: it never was, is too old to be remembered, or is not for this token`,
    { fix: "GET /api/v1/runs lists those that are" },
  );
}
