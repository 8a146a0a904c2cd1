/** `pd token`: tokens for `pd serve`. */
export { createToken, type CreateTokenRequest } from "./create_token.ts";
export { showToken, type ShowTokenRequest } from "./show_token.ts";
