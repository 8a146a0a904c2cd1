/** What pages of this server may load: its own files, and nothing from elsewhere. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");
/** What is no page loads nothing, should a browser take it for one. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Not no-referrer: a form would then be sent without its origin, and be refused.
  "referrer-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
} as const;

/**
 * The answer with the headers that every answer has. A policy and a `Cache-Control` of its own stay; otherwise
 * nothing is kept, and a page may load what this server has.
 */
export function finishResponse(response: Response): Response {
  const finished = isOpen(response) ? response : new Response(response.body, response);
  const { headers } = finished;
  for (const [name, value] of Object.entries(ALWAYS)) headers.set(name, value);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (!headers.has("content-security-policy")) {
    const isPage = headers.get("content-type")?.startsWith("text/html") ?? false;
    headers.set("content-security-policy", isPage ? PAGE_POLICY : DATA_POLICY);
  }
  if (finished.status === 401 && !headers.has("www-authenticate")) {
    headers.set("www-authenticate", "Bearer");
  }
  return finished;
}

/** Headers of a redirect cannot be changed. */
function isOpen({ headers }: Response): boolean {
  try {
    headers.set("x-content-type-options", "nosniff");
    return true;
  } catch {
    return false;
  }
}
