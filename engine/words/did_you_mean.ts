import { slips } from "./slips.ts";

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
