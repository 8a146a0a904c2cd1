/** After a wanted change of output: `deno test -A e2e/readme_test.ts -- --update`, and read the diff. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const PAGE = `${ROOT}/README.md`;
const BLOCK = /^```console\n(.*?)^```$/gms;
/** Stands before each command's output in what the shell prints. */
const MARK = "@@@ next command";

interface Typed {
  readonly command: string;
  readonly output: string;
}

Deno.test("what the README types prints what the README shows", async () => {
  const page = await Deno.readTextFile(PAGE);
  const blocks = [...page.matchAll(BLOCK)].map(([, block = ""]) => readBlock(block));
  const typed = blocks.flat();
  assert.ok(typed.length >= 8, `only ${typed.length} commands found`);
  const folder = await Deno.makeTempDir({ prefix: "pd-readme-" });
  try {
    const printed = await runAll(typed.map(({ command }) => command), folder);
    assert.equal(printed.length, typed.length);
    if (Deno.args.includes("--update")) {
      await Deno.writeTextFile(PAGE, page.replaceAll(BLOCK, () => writeBlock(blocks, printed)));
      return;
    }
    for (const [index, { command, output }] of typed.entries()) {
      assert.equal(steady(printed[index] ?? ""), steady(output), `$ ${command}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Commands and their output in a `console` block. */
function readBlock(block: string): Typed[] {
  return block.split(/^\$ /m).slice(1).map((part) => {
    const end = part.indexOf("\n");
    return { command: part.slice(0, end), output: part.slice(end + 1) };
  });
}

/** The next block with what its commands really printed; takes both from the front of their lists. */
function writeBlock(blocks: Typed[][], printed: string[]): string {
  const commands = blocks.shift() ?? [];
  const lines = commands.map(({ command }) => `$ ${command}\n${trimLines(printed.shift() ?? "")}`);
  return `\`\`\`console\n${lines.join("")}\`\`\``;
}

/** Types `commands` into one shell, in the project's folder; stdout and stderr as a terminal mixes them. */
async function runAll(commands: readonly string[], folder: string): Promise<string[]> {
  const script = ["exec 2>&1", ...commands.flatMap((command) => [`echo '${MARK}'`, command])];
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", script.join("\n")],
    cwd: ROOT,
    env: {
      PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH") ?? ""}`,
      TMPDIR: folder,
      PD_DATA_DIR: `${folder}/data`,
      NO_COLOR: "1",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).split(`${MARK}\n`).slice(1);
}

/** Text without what differs from run to run. */
function steady(text: string): string {
  return trimLines(text)
    .replaceAll(/\d+(\.\d+)? m?s\b/g, "N ms")
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "RUN")
    .trim();
}

function trimLines(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, "");
}
