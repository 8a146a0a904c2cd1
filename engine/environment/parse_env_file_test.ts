import assert from "node:assert/strict";
import { parseEnvFile } from "./parse_env_file.ts";

const CASES: readonly (readonly [what: string, text: string, want: Record<string, string>])[] = [
  ["plain values", "A=1\nB=two words\nC=\n", { A: "1", B: "two words", C: "" }],
  ["spaces, colons and export", "export A = 1\nB: 2\n  C=3  \n", { A: "1", B: "2", C: "3" }],
  ["comments", "# x\nA=1 # one\nB=a#b\n\n#\n", { A: "1", B: "a#b" }],
  ["single quotes", "A='$B \\n # x'\nB='two\nlines' # x\n", { A: "$B \\n # x", B: "two\nlines" }],
  ["double quotes", 'A="a\\nb \\"c\\""\nB="x\ny"\n', { A: 'a\nb "c"', B: "x\ny" }],
  ["references", 'A=1\nB=$A-${A}\nC="${B}"\nD=\\$A\nE=$NONE.\n', {
    A: "1",
    B: "1-1",
    C: "1-1",
    D: "$A",
    E: ".",
  }],
  ["the last of two", "A=1\nA=2\n", { A: "2" }],
  ["Windows line ends and a byte order mark", "\ufeffA=1\r\nB=2\r\n", { A: "1", B: "2" }],
  ["no newline at the end", "A=1", { A: "1" }],
  ["nothing", "", {}],
  ["an equals sign in the value", "URL=https://a.example/?b=c&d=e\n", {
    URL: "https://a.example/?b=c&d=e",
  }],
];

for (const [what, text, want] of CASES) {
  Deno.test(`parseEnvFile() reads ${what}`, () => {
    assert.deepEqual(parseEnvFile(text, ".env"), want);
  });
}

for (const text of ["A\n", "=1\n", "A='open\n", 'A="open\n', "A B=1\n", "A=x\0\n"]) {
  Deno.test(`parseEnvFile() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseEnvFile(text, ".env"), { code: "FILE_REFUSED" });
  });
}
