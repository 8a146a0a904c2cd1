/** The cookie that holds a token, as prunner has it. */
export const COOKIE = "jwt";

/** A token as a request brought it. */
export interface SentToken {
  /** Empty when there is none. */
  readonly token: string;
  /** The browser sends a cookie by itself, whoever made the page that asks. */
  readonly isCookie: boolean;
}

/** The token of `Authorization: Bearer` (RFC 6750), else of the cookie `jwt`. */
export function readToken(headers: Headers): SentToken {
  const authorization = headers.get("authorization") ?? "";
  if (/^bearer /i.test(authorization)) {
    const token = authorization.slice("bearer ".length).trim();
    if (token !== "") return { token, isCookie: false };
  }
  return { token: cookieOf(headers.get("cookie")), isCookie: true };
}

function cookieOf(header: string | null): string {
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at >= 0 && pair.slice(0, at).trim() === COOKIE) return pair.slice(at + 1).trim();
  }
  return "";
}
