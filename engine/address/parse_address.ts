/** An address, read. Its parameters may hold keys, so it is never shown as a whole. */
export interface Address {
  readonly scheme: string;
  /** What stands between `scheme://` and `?`, as it is written. */
  readonly target: string;
  /** Percent-decoded; a `+` is a `+`. */
  readonly params: { readonly [key: string]: string };
}

/**
 * Reads `scheme://target?key=value&…`. Undefined when it is none: no scheme, a parameter without `=` or there
 * twice, a `%` that stands alone, a control character.
 */
export function parseAddress(text: string): Address | undefined {
  // deno-lint-ignore no-control-regex -- refusing them is the point
  if (/[\x00-\x1f\x7f]/.test(text)) return undefined;
  const found = /^([a-z][a-z0-9+.-]*):\/\/([^?]*)(?:\?(.*))?$/i.exec(text);
  const params = readParams(found?.[3] ?? "");
  if (found === null || params === undefined) return undefined;
  return { scheme: (found[1] ?? "").toLowerCase(), target: found[2] ?? "", params };
}

function readParams(text: string): Address["params"] | undefined {
  const params = new Map<string, string>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    if (equals < 1) return undefined;
    try {
      const key = decodeURIComponent(pair.slice(0, equals));
      if (params.has(key)) return undefined;
      params.set(key, decodeURIComponent(pair.slice(equals + 1)));
    } catch {
      return undefined;
    }
  }
  return Object.fromEntries(params);
}
