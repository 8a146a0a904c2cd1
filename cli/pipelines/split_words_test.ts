import assert from "node:assert/strict";
import { PIPELINE_FLAGS, readFlagWords, splitAtTarget, splitPipelineWords } from "./split_words.ts";

const FLAGS = { "--driver": "value", "-o": "value", "-q": "switch", "--timeout": "value" } as const;

const TARGETS:
  readonly (readonly [words: string[], target: string | undefined, after: string[]])[] = [
    [["echo", "hello"], "echo", ["hello"]],
    [["--driver", "native", "echo", "-q"], "echo", ["-q"]],
    [["--driver=native", "-q", "echo"], "echo", []],
    [["-o", "json", "echo", "-o", "x"], "echo", ["-o", "x"]],
    [["-ojson", "echo"], "echo", []],
    [["--unknown", "echo"], "echo", []],
    [["--driver"], undefined, []],
    [[], undefined, []],
    [["-"], "-", []],
  ];

for (const [words, target, after] of TARGETS) {
  Deno.test(`the target of ${JSON.stringify(words)} is ${target}`, () => {
    const split = splitAtTarget(words, FLAGS);
    assert.equal(split.target, target);
    assert.deepEqual(split.after, after);
  });
}

const CALLS: readonly (readonly [after: string[], flags: string[], args: string[]])[] = [
  [["hello", "--vus=10", "x"], [], ["hello", "--vus=10", "x"]],
  [["--vus=10", "x"], [], ["--vus=10", "x"]],
  [["--driver", "native", "run", "--driver", "x"], ["--driver", "native"], [
    "run",
    "--driver",
    "x",
  ]],
  [["--driver=native", "-e", "A=b", "--no-workdir", "--", "x"], [
    "--driver=native",
    "-e",
    "A=b",
    "--no-workdir",
  ], ["--", "x"]],
  [["--", "--driver", "x"], [], ["--driver", "x"]],
  [["--", "--", "x"], [], ["--", "x"]],
  [["-eA=b", "x"], ["-eA=b"], ["x"]],
  [["--help"], [], ["--help"]],
  [["-n"], [], ["-n"]],
  [["", "x"], [], ["", "x"]],
  [["-o", "json"], [], ["-o", "json"]],
  [["--no-workdir=1"], [], ["--no-workdir=1"]],
  [["--drivers", "x"], [], ["--drivers", "x"]],
  [["--timeout", "5s"], ["--timeout", "5s"], []],
  [[], [], []],
];

for (const [after, flags, args] of CALLS) {
  Deno.test(`behind a pipeline's name, ${JSON.stringify(after)} gives the program ${JSON.stringify(args)}`, () => {
    assert.deepEqual(splitPipelineWords(after), { flags, args });
  });
}

const FLAG_WORDS: readonly {
  readonly words: readonly string[];
  readonly want: { readonly [flag: string]: readonly string[] } | undefined;
}[] = [
  { words: [], want: {} },
  { words: ["--driver", "native"], want: { "--driver": ["native"] } },
  { words: ["--driver=", "--no-workdir"], want: { "--driver": [""], "--no-workdir": [""] } },
  { words: ["-eA=b=c", "-e", "C=d"], want: { "-e": ["A=b=c", "C=d"] } },
  { words: ["--driver"], want: undefined },
  { words: ["--drivers=x"], want: undefined },
  { words: ["x"], want: undefined },
];

for (const { words, want } of FLAG_WORDS) {
  Deno.test(`readFlagWords() of ${JSON.stringify(words)} is ${JSON.stringify(want)}`, () => {
    const values = readFlagWords(words, PIPELINE_FLAGS);
    assert.deepEqual(values && Object.fromEntries(values), want);
  });
}
