/** Longer words are not compared: nobody mistypes them by a letter, and the cost is quadratic. */
const MAX_LENGTH = 64;

/**
 * The candidate that `word` was most likely meant to be, or `undefined` when none is near: at most one
 * typing slip (a letter wrong, missing, added, or two swapped) for every three letters. Case, and the
 * difference between `-` and `_`, are no slips. The first candidate wins a tie.
 *
 * The cost is linear in the number of candidates; a caller with many words and many candidates bounds it.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length === 0 || word.length > MAX_LENGTH) return undefined;
  const plain = fold(word);
  const allowed = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = slips(plain, fold(candidate), bestDistance);
    // A word that is all slips resembles nothing: "a" is not a mistyped "b".
    if (distance < bestDistance && distance < Math.max(word.length, candidate.length)) {
      best = candidate;
      bestDistance = distance;
      if (distance === 0) break;
    }
  }
  return best;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll("-", "_");
}

/** Damerau-Levenshtein distance (optimal string alignment), or `limit` as soon as it is at least that. */
function slips(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let above: number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least >= limit) return limit;
    before = above;
    above = row;
  }
  return above[b.length] ?? limit;
}
