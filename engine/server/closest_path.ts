/** The path that `typed` was most likely meant to be, or `undefined` when none is near. */
export function closestPath(typed: string, paths: readonly string[]): string | undefined {
  const text = typed.toLowerCase().replace(/\/+$/, "").slice(0, 64);
  let best: { path: string; distance: number } | undefined;
  for (const path of paths) {
    const distance = editDistance(text, path);
    if (distance <= Math.max(1, path.length / 3) && distance < (best?.distance ?? Infinity)) {
      best = { path, distance };
    }
  }
  return best?.path;
}

/** Insertions, deletions and replacements between two short texts (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
