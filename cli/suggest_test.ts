import assert from "node:assert/strict";
import { closest } from "./suggest.ts";

const WORDS = ["validate", "visualize", "version", "run", "dev", "doctor", "completions"];

const CASES: readonly (readonly [name: string, word: string, want: string | undefined])[] = [
  ["a letter wrong", "verzion", "version"],
  ["a letter missing", "vldate", "validate"],
  ["a letter too many", "runn", "run"],
  ["two letters swapped", "dve", "dev"],
  ["nothing near", "kubernetes", undefined],
  ["a short word that is all slips", "xyz", undefined],
  ["an empty word", "", undefined],
];

for (const [name, word, want] of CASES) {
  Deno.test(`closest() of a word with ${name} is ${want ?? "nothing"}`, () => {
    assert.equal(closest(word, WORDS), want);
  });
}
