import assert from "node:assert/strict";
import { coversSubject, matchesSubject } from "./subjects.ts";

const MATCHES: readonly (readonly [pattern: string, subject: string, does: boolean])[] = [
  ["a.b", "a.b", true],
  ["a.b", "a.b.c", false],
  ["a.b.c", "a.b", false],
  ["a.*", "a.b", true],
  ["a.*", "a.b.c", false],
  ["*.b", "a.b", true],
  ["a.>", "a.b.c", true],
  ["a.>", "a", false],
  [">", "a", true],
];

for (const [pattern, subject, does] of MATCHES) {
  Deno.test(`matchesSubject() says that ${pattern} ${does ? "stands" : "does not stand"} for ${subject}`, () => {
    assert.equal(matchesSubject(pattern, subject), does);
  });
}

const COVERS: readonly (readonly [outer: string, inner: string, does: boolean])[] = [
  ["a.*", "a.*", true],
  ["a.*", "a.>", false],
  ["a.>", "a.*", true],
  ["a.>", "a.>", true],
  [">", "a.>", true],
  ["a.b", "a.*", false],
  ["*.b", "a.b", true],
];

for (const [outer, inner, does] of COVERS) {
  Deno.test(`coversSubject() says that ${outer} ${does ? "holds" : "does not hold"} ${inner}`, () => {
    assert.equal(coversSubject(outer, inner), does);
  });
}
