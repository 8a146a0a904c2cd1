import type { Principal, Scope } from "./principal.ts";

/** Why a token does not count, in the words that prunner's clients know. */
export type TokenProblem =
  | "no token found"
  | "token is unauthorized"
  | "token is expired"
  | "token nbf validation failed"
  | "token iat validation failed";

/** What checks tokens. */
export interface TokenVerifier {
  /**
   * Who a token (a JWT signed with HS256, RFC 7519) stands for; `exp`, `nbf` and `iat` are checked where there
   * are any. A token without `scope` is an admin's, as prunner's are.
   *
   * @throws {TokenError}
   */
  verify(token: string): Promise<Principal>;
}

/** What a token is to say. */
export interface TokenClaims {
  readonly subject: string;
  readonly scope: Scope;
  /** Names of workflows, `deploy-*` among them; all when undefined. */
  readonly workflows: readonly string[] | undefined;
  /** Milliseconds from now. */
  readonly ttlMs: number;
}
