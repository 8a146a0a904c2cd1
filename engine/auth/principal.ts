/** What a token allows: each scope holds those before it. */
export const SCOPES = ["read", "run", "admin"] as const;

/** One of the scopes. */
export type Scope = typeof SCOPES[number];

/** Who calls, as its token says. */
export interface Principal {
  /** `sub` of the token; empty without one. */
  readonly subject: string;
  /** The widest scope that it was given. */
  readonly scope: Scope;
  /** Names of workflows it may see and run, `deploy-*` among them; all when undefined. Admins see all. */
  readonly workflows: readonly string[] | undefined;
  /** When its token expires, in epoch milliseconds; never when undefined. */
  readonly expiresAt?: number | undefined;
}

/** The operator at this machine: `pd dev` asks nobody for a token. */
export const LOCAL_OPERATOR: Principal = { subject: "", scope: "admin", workflows: undefined };

/** Whether somebody may do what takes `scope`; with a workflow, to that one. */
export function mayDo(principal: Principal, scope: Scope, workflow?: string): boolean {
  if (SCOPES.indexOf(principal.scope) < SCOPES.indexOf(scope)) return false;
  if (workflow === undefined || principal.scope === "admin") return true;
  return principal.workflows?.some((grant) => covers(grant, workflow)) ?? true;
}

function covers(grant: string, workflow: string): boolean {
  return grant.endsWith("*") ? workflow.startsWith(grant.slice(0, -1)) : grant === workflow;
}
