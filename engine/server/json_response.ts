/** Every answer is private, and exactly what it says it is; no header opens it to other origins. */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
} as const;

const JSON_HEADERS = { "content-type": "application/json; charset=utf-8", ...SECURITY_HEADERS };

/** An answer whose body is `value` as JSON. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers?: { readonly [name: string]: string },
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: headers === undefined ? JSON_HEADERS : { ...JSON_HEADERS, ...headers },
  });
}
