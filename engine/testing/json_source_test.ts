import assert from "node:assert/strict";
import { JsonSyntaxError, parseJsonSource, positionAt } from "./json_source.ts";

Deno.test("parseJsonSource() finds each value in its text", () => {
  const source = parseJsonSource('{\n  "a": [1, {"b": "x"}],\n  "c": null\n}\n');
  const at = (path: (string | number)[]): string => {
    const { start, end } = source.range(path);
    return source.text.slice(start, end);
  };
  assert.equal(at(["a", 1, "b"]), '"x"');
  assert.equal(at(["a", 1]), '{"b": "x"}');
  assert.equal(at(["c"]), "null");
  assert.equal(at(["a", 7, "z"]), '[1, {"b": "x"}]', "the nearest parent that exists");
});

const BROKEN: { name: string; text: string; line: number; column: number; says: RegExp }[] = [
  { name: "nothing at all", text: "", line: 1, column: 1, says: /ends too early/ },
  { name: "a missing brace", text: '{\n"a": 1', line: 2, column: 7, says: /ends too early/ },
  { name: "a trailing comma", text: '{\n  "a": 1,\n}', line: 3, column: 1, says: /key in double/ },
  { name: "a bare key", text: "{a: 1}", line: 1, column: 2, says: /key in double quotes/ },
  { name: "a missing colon", text: '{"a" 1}', line: 1, column: 6, says: /":" is expected/ },
  { name: "a missing comma", text: "[1\n 2]", line: 2, column: 2, says: /"," or "]"/ },
  {
    name: "a key given twice",
    text: '{"a": 1,\n "a": 2}',
    line: 2,
    column: 2,
    says: /given twice/,
  },
  { name: "an open string", text: '["abc', line: 1, column: 2, says: /does not end/ },
  { name: "a line break in a string", text: '"a\nb"', line: 1, column: 3, says: /line break/ },
  { name: "an unknown escape", text: '"\\x41"', line: 1, column: 2, says: /escape/ },
  { name: "a word", text: "[undefined]", line: 1, column: 2, says: /a value is expected/ },
  { name: "a leading zero", text: "012", line: 1, column: 2, says: /nothing may follow/ },
  { name: "two values", text: "{} {}", line: 1, column: 4, says: /nothing may follow/ },
  { name: "a deep nest", text: "[".repeat(9000), line: 1, column: 502, says: /deeper than 500/ },
];
for (const { name, text, line, column, says } of BROKEN) {
  Deno.test(`parseJsonSource() tells the place of ${name}`, () => {
    assert.throws(() => parseJsonSource(text), (error) => {
      assert.ok(error instanceof JsonSyntaxError);
      assert.match(error.message, says);
      assert.deepEqual(positionAt(text, error.offset), { line, column });
      return true;
    });
  });
}

Deno.test("parseJsonSource() accepts exactly the texts that JSON.parse() accepts", () => {
  const seeds = ['{"a":[1,-2.5e3,"x\\u0041\\n",true,null],"b":{"c":{}}}', "[]", '"é"', " 0 "];
  const alphabet = '{}[]",:\\0-.eE1atrufn \n\u0001';
  let state = 7;
  const random = (below: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % below;
  };
  for (let round = 0; round < 20_000; round++) {
    let text = seeds[round % seeds.length] ?? "";
    for (let edits = random(3); edits >= 0; edits--) {
      const at = random(text.length + 1);
      text = text.slice(0, at) + (alphabet[random(alphabet.length)] ?? "") +
        text.slice(at + random(2));
    }
    assert.equal(isAccepted(() => parseJsonSource(text)), isAccepted(() => JSON.parse(text)), text);
  }
});

function isAccepted(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    // a key given twice is the one thing that JSON.parse() lets pass
    return error instanceof JsonSyntaxError && error.message.includes("given twice");
  }
}
