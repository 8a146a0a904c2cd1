import assert from "node:assert/strict";
import { ScriptStage } from "./_play.ts";

interface Case {
  readonly does: string;
  readonly script: readonly string[];
  readonly allowFailure?: boolean;
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: RegExp;
}

const CASES: readonly Case[] = [
  {
    does: "carries functions and variables over",
    script: ["f() { echo $a; }; a=1", "f"],
    stdout: "1\n",
  },
  {
    does: "resets the working directory",
    script: ["mkdir -p x; cd x", "basename $PWD"],
    stdout: "project\n",
  },
  {
    does: "ends only the entry at exit 0, and keeps what the shell knows",
    script: [
      "a='x\ny'; f() { echo \"$a\"; }; shopt -s extglob; exit 0; echo no",
      "f; shopt -q extglob && echo ext; exit 0",
      "echo end",
    ],
    stdout: "x\ny\next\nend\n",
  },
  { does: "knows no set -e", script: ["false; echo on", "echo two"], stdout: "on\ntwo\n" },
  {
    does: "keeps a set -e that a script asks for",
    script: ["set -e", "false; echo no", "echo no"],
    code: 1,
    stdout: "",
  },
  {
    does: "keeps set -e behind an exit",
    script: ["set -eu; exit 0", "echo a; false; echo no"],
    code: 1,
    stdout: "a\n",
  },
  {
    does: "answers 127 for an unknown command",
    script: ["no-such-command-here"],
    code: 127,
    stderr: /line 1: no-such-command-here: command not found/,
  },
  {
    does: "counts lines of messages by entry",
    script: ["true", "true\n\nno-such"],
    code: 127,
    stderr: /line 3: no-such/,
  },
  {
    does: "ends at the first entry that fails",
    script: ["echo a; false", "echo b"],
    code: 1,
    stdout: "a\n",
  },
  {
    does: "ends at the first entry that exits",
    script: ["echo a; exit 42", "echo b"],
    code: 42,
    stdout: "a\n",
  },
  {
    does: "goes on with allow_failure",
    allowFailure: true,
    script: ["exit 3", "echo b; false", "echo c"],
    code: 1,
    stdout: "b\nc\n",
  },
  {
    does: "says the last failure of several",
    allowFailure: true,
    script: ["v=1; exit 3", "echo b$v"],
    code: 3,
    stdout: "b1\n",
  },
  {
    does: "ends with 0 where nothing failed",
    allowFailure: true,
    script: ["echo b"],
    stdout: "b\n",
  },
  {
    does: "fails at a syntax error",
    script: ["if", "echo no"],
    code: 2,
    stdout: "",
    stderr: /syntax error/,
  },
  {
    does: "takes a here-document",
    script: ["cat <<EOF\na 'b' \\\\ $((1+1))\nEOF"],
    stdout: "a 'b' \\ 2\n",
  },
  {
    does: "runs a trap on EXIT where an entry exits, and goes on",
    script: ["trap 'echo bye $?; exit 9' EXIT; exit 0", "echo next"],
    stdout: "bye 0\nnext\n",
  },
  {
    does: "runs a trap on EXIT at the end, which may change the code",
    script: ["trap 'echo bye $?' EXIT; trap 'echo usr' USR1", "kill -USR1 $$; exit 4"],
    code: 4,
    stdout: "usr\nbye 4\n",
  },
  {
    does: "forgets a trap on EXIT",
    script: ["trap 'echo bye' EXIT", "trap - EXIT", "trap 'echo x' 0; trap 0"],
    stdout: "",
  },
  {
    does: "leaves traps of subshells to them",
    script: ["(trap 'echo sub' EXIT); echo a"],
    stdout: "sub\na\n",
  },
  {
    does: "says nothing of its own under set -x",
    script: ["set -x; echo a", "echo b"],
    stdout: "a\nb\n",
    stderr: /^\+\+ echo a\n\+\+ echo b\n$/,
  },
  { does: "has no arguments", script: ['echo $# "$*"', "exit 0", "echo $#"], stdout: "0 \n0\n" },
  { does: "reads nothing", script: ["cat; echo $?"], stdout: "0\n" },
  {
    does: "keeps both streams whole, empty lines too",
    script: ["printf 'a\\n\\n\\r\\nb'; printf 'e\\n' >&2"],
    stdout: "a\n\n\r\nb",
    stderr: /^e\n$/,
  },
  { does: "tells a signal as 128 and its number", script: ["kill -9 $$"], code: 137 },
  {
    does: "keeps open files",
    script: ["exec 9>&1 >/dev/null; echo no; exit 0", "echo yes >&9"],
    stdout: "yes\n",
  },
];

for (const { does, script, allowFailure = false, code = 0, stdout, stderr } of CASES) {
  Deno.test(`bash of a script ${does}`, async () => {
    await using stage = new ScriptStage();
    const played = await stage.play(script, { spec: { allowFailure } });
    const { outcome } = played;
    const exitCode = outcome.status === "failed" ? outcome.error.exitCode : 0;
    assert.equal(exitCode, code, JSON.stringify(played));
    if (stdout !== undefined) assert.equal(played.stdout, stdout, played.stderr);
    if (stderr !== undefined) assert.match(played.stderr, stderr);
    else assert.equal(played.stderr, "");
  });
}
