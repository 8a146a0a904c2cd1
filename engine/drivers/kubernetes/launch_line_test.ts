import assert from "node:assert/strict";
import { EndingFilter } from "./ending_filter.ts";
import { LAUNCHER, launchLine } from "./launch_line.ts";

const PLAIN = { env: {}, workDir: undefined, mark: "m", ending: "\x1eend:" };

async function launch(line: string, stdin = ""): Promise<{ stdout: string; stderr: string }> {
  const [command = "", ...args] = LAUNCHER;
  const child = new Deno.Command(command, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(line + stdin));
  await writer.close();
  const { stdout, stderr } = await child.output();
  return { stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("launchLine() is one line, and words arrive verbatim", async () => {
  const words = ["", "-n", "a  b", "'\"`$(id)\\", "line\nbreak\n", "ü 日本", "\\n"];
  const command = [
    "sh",
    "-c",
    String.raw`for w in "$@"; do printf '[%s]' "$w"; done`,
    "-",
    ...words,
  ];
  const line = launchLine({ ...PLAIN, command });
  assert.equal(line.indexOf("\n"), line.length - 1);
  const { stdout } = await launch(line);
  assert.equal(stdout, `${words.map((word) => `[${word}]`).join("")}\x1eend:0;`);
});

Deno.test("launchLine() leaves the rest of stdin to the command, and tells its code twice", async () => {
  const line = launchLine({
    ...PLAIN,
    command: ["sh", "-c", 'cat; echo "$A" >&2; exit 7'],
    env: { A: "x\ny" },
  });
  const { stdout, stderr } = await launch(line, "first\nsecond");
  assert.equal(stdout, "first\nsecond\x1eend:7;");
  assert.equal(stderr, "x\ny\n\x1eend:7;");
});

Deno.test("launchLine() runs programs, not builtins", async () => {
  const { stdout } = await launch(launchLine({ ...PLAIN, command: ["no-such-program-anywhere"] }));
  assert.equal(stdout, "\x1eend:127;");
  const { stdout: echoed } = await launch(launchLine({ ...PLAIN, command: ["echo", "a\\tb"] }));
  assert.equal(echoed, "a\\tb\n\x1eend:0;");
});

Deno.test("launchLine() refuses a variable that a shell cannot have", () => {
  assert.throws(() => launchLine({ ...PLAIN, command: ["x"], env: { "a;id": "" } }), /a;id/);
});

Deno.test("EndingFilter finds the ending wherever it is cut", () => {
  const text = "out\x1eput\x1een\x1eend:42;";
  for (let size = 1; size <= text.length; size++) {
    let seen = "";
    let code: number | undefined;
    const filter = new EndingFilter("\x1eend:", {
      onBytes: (bytes) => seen += new TextDecoder().decode(bytes),
      onEnd: (value) => code = value,
    });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += size) filter.push(bytes.subarray(at, at + size));
    assert.deepEqual([seen, code], ["out\x1eput\x1een", 42]);
  }
});
