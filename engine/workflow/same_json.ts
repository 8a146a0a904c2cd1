/** Whether two values are the same as JSON: what is undefined is absent, and the order of keys means nothing. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length &&
      a.every((item, index) => isSameJson(item, b[index]));
  }
  const left = a as { readonly [key: string]: unknown };
  const right = b as { readonly [key: string]: unknown };
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    isSameJson(left[key], right[key])
  );
}
