import { didYouMean, slips } from "../words/mod.ts";

/** Longer texts are compared by their first characters only. */
const MAX_LENGTH = 200;
/** Further candidates are not looked at. */
const MAX_CANDIDATES = 500;

/**
 * The candidate that takes the fewest edits to become `text`, however many; the first one of equals. It
 * serves requests, where `didYouMean` would find most too far off.
 */
export function closest<T>(
  text: string,
  candidates: readonly T[],
  nameOf: (candidate: T) => string,
): T | undefined {
  let best: { candidate: T; edits: number } | undefined;
  for (const candidate of candidates.slice(0, MAX_CANDIDATES)) {
    const edits = slips(text.slice(0, MAX_LENGTH), nameOf(candidate).slice(0, MAX_LENGTH));
    if (best === undefined || edits < best.edits) best = { candidate, edits };
  }
  return best?.candidate;
}

/** ` (did you mean "x"?)` when one of `names` is near `text`, else nothing. */
export function hintFor(text: string, names: readonly string[]): string {
  const near = didYouMean(text, names);
  return near === undefined ? "" : ` (did you mean "${near}"?)`;
}
