/** Who may do what: tokens, scopes, and the secret that tokens are signed with. */
export { createVerifier, type VerifierOptions } from "./create_verifier.ts";
export { type LoadedSecret, loadSecret, type LoadSecretOptions } from "./load_secret.ts";
export { LOCAL_OPERATOR, mayDo, type Principal, type Scope, SCOPES } from "./principal.ts";
export { readScope } from "./read_scope.ts";
export { signToken } from "./sign_token.ts";
export type { TokenClaims, TokenProblem, TokenVerifier } from "./token.ts";
export { TokenError } from "./token_error.ts";
