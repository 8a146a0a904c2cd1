import { type Scope, SCOPES } from "./principal.ts";

/**
 * The widest of the scopes that a text names, separated by spaces (RFC 6749, section 3.3). Undefined when one of
 * them is unknown, or there is none.
 */
export function readScope(text: string): Scope | undefined {
  const words = text.split(" ").filter((word) => word !== "");
  if (words.some((word) => !(SCOPES as readonly string[]).includes(word))) return undefined;
  return SCOPES.findLast((scope) => words.includes(scope));
}
