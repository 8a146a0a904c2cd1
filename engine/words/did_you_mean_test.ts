import assert from "node:assert/strict";
import { didYouMean } from "./did_you_mean.ts";

Deno.test("didYouMean() finds the candidate within one slip for every three letters", () => {
  const keys = ["path", "timeout", "retries", "retry", "depends_on", "description", "image"];
  const cases: [string, string | undefined][] = [
    ["pth", "path"],
    ["paht", "path"],
    ["timout", "timeout"],
    ["tiemout", "timeout"],
    ["dependsOn", "depends_on"],
    ["depends-on", "depends_on"],
    ["DESCRIPTION", "description"],
    ["retrys", "retry"],
    ["imgae", "image"],
    ["command", undefined],
    ["x", undefined],
    ["", undefined],
    ["timeout", undefined],
    ["t".repeat(100), undefined],
  ];
  for (const [word, want] of cases) assert.equal(didYouMean(word, keys), want, word);
});

Deno.test("didYouMean() does not offer a word that shares no letter", () => {
  assert.equal(didYouMean("a", ["b", "c"]), undefined);
  assert.equal(didYouMean("ab", ["ba"]), "ba");
});

const VERBS = ["validate", "visualize", "version", "run", "dev", "doctor", "completions"];

const MISTYPED: readonly (readonly [what: string, word: string, want: string | undefined])[] = [
  ["with a letter wrong", "verzion", "version"],
  ["with a letter missing", "vldate", "validate"],
  ["with a letter too many", "runn", "run"],
  ["with two letters swapped", "dve", "dev"],
  ["that is near nothing", "kubernetes", undefined],
  ["that is short and all slips", "xyz", undefined],
];

for (const [what, word, want] of MISTYPED) {
  Deno.test(`didYouMean() of a verb ${what} is ${want ?? "nothing"}`, () => {
    assert.equal(didYouMean(word, VERBS), want);
  });
}
