import assert from "node:assert/strict";
import type { InputSpec } from "../../engine/spec/mod.ts";
import {
  inputHelp,
  type Inputs,
  mergeInput,
  readInput,
  readInputFlags,
  readPairs,
} from "./read_input.ts";

function input(type: InputSpec["type"], more: Partial<InputSpec> = {}): InputSpec {
  return {
    type,
    description: undefined,
    default: undefined,
    enum: undefined,
    required: false,
    ...more,
  };
}

const INPUTS: Inputs = {
  topic: input("string", { description: "What to look for", default: "deno" }),
  limit: input("integer", { required: true }),
  ratio: input("number"),
  fresh: input("boolean"),
  tags: input("array"),
  max_items: input("integer", { enum: [1, 2] }),
};
const COMMAND = { name: "pd run", flags: ["--input", "--timeout"] };

const FLAGS: readonly (readonly [name: string, words: readonly string[], want: unknown])[] = [
  ["a string", ["--topic", "rust"], { topic: "rust" }],
  ["a string after =", ["--topic=a=b"], { topic: "a=b" }],
  ["an empty string", ["--topic", ""], { topic: "" }],
  ["a string that looks like a flag", ["--topic", "--limit"], { topic: "--limit" }],
  ["a string that looks like a number", ["--topic", "007"], { topic: "007" }],
  ["an integer", ["--limit", "30"], { limit: 30 }],
  ["a negative number", ["--ratio", "-0.5"], { ratio: -0.5 }],
  ["no number, kept for the input check", ["--limit", "ten"], { limit: "ten" }],
  ["a switch", ["--fresh", "--limit", "1"], { fresh: true, limit: 1 }],
  ["a switch that is off", ["--no-fresh"], { fresh: false }],
  ["a switch with a word", ["--fresh", "false"], { fresh: false }],
  ["JSON", ["--tags", '["a"]'], { tags: ["a"] }],
  ["a name with - for _", ["--max-items", "2"], { max_items: 2 }],
];

for (const [name, words, want] of FLAGS) {
  Deno.test(`readInputFlags() reads ${name}`, () => {
    assert.deepEqual(readInputFlags(words, INPUTS, COMMAND), want);
  });
}

const WRONG_FLAGS: readonly (readonly [name: string, words: readonly string[], message: RegExp])[] =
  [
    ["a flag that is no input", ["--topik", "x"], /did you mean "--topic"/],
    ["a mistyped flag of pd", ["--timeuot", "1s"], /did you mean "--timeout"/],
    ["a missing value", ["--topic"], /its value is missing: it is a string/],
    ["a word without a flag", ["deno"], /inputs of a workflow are given as flags/],
    ["JSON that is none", ["--tags", "[a"], /Cannot read the input "tags" as JSON/],
    ["--no- before what is no switch", ["--no-topic"], /no-topic/],
  ];

for (const [name, words, message] of WRONG_FLAGS) {
  Deno.test(`readInputFlags() refuses ${name}`, () => {
    assert.throws(() => readInputFlags(words, INPUTS, COMMAND), { code: "USAGE", message });
  });
}

Deno.test("readPairs() reads declared inputs by type, others as strings, and := as JSON", () => {
  assert.deepEqual(
    readPairs(["limit=3", "other=3", "more:=3", "topic=a=b", "list:=[1]"], INPUTS),
    { limit: 3, other: "3", more: 3, topic: "a=b", list: [1] },
  );
});

Deno.test("readPairs() refuses what is no name=value", () => {
  for (const pair of ["topic", "=x", ""]) {
    assert.throws(() => readPairs([pair], INPUTS), { code: "USAGE" });
  }
});

Deno.test("readPairs() keeps a name such as __proto__ a name", () => {
  const values = readPairs(["__proto__=x"], {});
  assert.deepEqual(Object.keys(values), ["__proto__"]);
});

function places(stdin: string) {
  return {
    stdin: { isTerminal: false, text: () => Promise.resolve(stdin) },
    resolve: (path: string) => path,
  };
}

Deno.test("readInput() reads JSON, @file and standard input", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, '{"from": "file"}');
    assert.deepEqual(await readInput('{"a": 1}', places("")), { a: 1 });
    assert.deepEqual(await readInput(`@${file}`, places("")), { from: "file" });
    assert.deepEqual(await readInput("-", places("[1]")), [1]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("readInput() says what is wrong, and where", async () => {
  await assert.rejects(readInput("{a", places("")), { code: "USAGE" });
  await assert.rejects(readInput("-", places("{a")), {
    code: "INPUT_INVALID",
    message: /standard input/,
  });
  await assert.rejects(readInput("@/no/such/file", places("")), {
    code: "INPUT_INVALID",
    message: /\/no\/such\/file/,
  });
});

Deno.test("mergeInput() lays flags over the input, and refuses to lay them over a list", () => {
  assert.deepEqual(mergeInput(undefined, {}), {});
  assert.deepEqual(mergeInput([1], {}), [1]);
  assert.deepEqual(mergeInput({ a: 1, b: 1 }, { b: 2 }), { a: 1, b: 2 });
  assert.throws(() => mergeInput([1], { a: 1 }), { code: "USAGE" });
});

Deno.test("inputHelp() shows each input as a flag", async (t) => {
  await t.assertSnapshot(inputHelp("demo", INPUTS));
});
