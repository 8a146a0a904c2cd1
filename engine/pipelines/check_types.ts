import type { JsonObject } from "../json/mod.ts";
import { authorModule } from "./author_module.ts";
import type { PipelineProblem } from "./pipeline_invalid_error.ts";

const ENGINE_URL = new URL("../", import.meta.url).href;
/** Frames of one diagnostic end with its place. */
const PLACE = /^\s+at (file:\/\/\S+):(\d+):(\d+)$/m;

/** What to check, and how its imports are found. */
export interface TypeCheck {
  readonly path: string;
  readonly config: JsonObject;
  /** Files are named so in problems. */
  show(url: string): string;
}

/**
 * Checks the types of a module and of what it imports, with the globals of pipelines known. Runs the compiler in a
 * process of its own; nothing of the module is executed.
 */
export async function checkTypes({ path, config, show }: TypeCheck): Promise<PipelineProblem[]> {
  const dir = await Deno.makeTempDir({ prefix: "pd-check-" });
  try {
    const url = `file://${encodeURI(path)}`;
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify(withTypes(config)));
    await Deno.writeTextFile(`${dir}/pipedreamer.ts`, authorModule());
    await Deno.writeTextFile(
      `${dir}/check.ts`,
      `import "pipedreamer";
import * as module from ${JSON.stringify(url)};
export const pipeline: (...args: never[]) => unknown = module.pipeline;
`,
    );
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-lock", "--no-remote", "--config=deno.json", "check.ts"],
      cwd: dir,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (code === 0) return [];
    const entry = `${dir.slice(dir.lastIndexOf("/"))}/check.ts`;
    return readProblems(new TextDecoder().decode(stderr), { url, entry, show });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function withTypes(config: JsonObject): JsonObject {
  const imports = config["imports"] as JsonObject;
  return { ...config, imports: { ...imports, pipedreamer: "./pipedreamer.ts" } };
}

interface Naming {
  readonly url: string;
  /** How the URL of our own module ends. */
  readonly entry: string;
  show(url: string): string;
}

/** Each diagnostic is a block of its own, or the one error that kept the compiler from starting. */
function readProblems(stderr: string, { url, entry, show }: Naming): PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  for (const block of stderr.trim().split(/\n\n+/)) {
    const [, file = url, line = "0", column = "0"] = PLACE.exec(block) ?? [];
    const first = block.split("\n")[0] ?? "";
    // A stricter compiler setting of the pipeline is no business of the engine's own files.
    if (file.startsWith(ENGINE_URL) || first === "error: Type checking failed.") continue;
    const message = messageOf(first);
    if (message === undefined) continue;
    if (!file.endsWith(entry)) {
      problems.push({ file: show(file), line: Number(line), column: Number(column), message });
    } else if (!message.startsWith("TS2339 ")) {
      // That it is not there is told by the bundler.
      const what = `exports a "pipeline" that is no function`;
      problems.push({ file: show(url), line: 1, column: 1, message: what });
    }
  }
  return problems;
}

/** `TS2322 Type …`, or what kept the compiler from starting; `undefined` for what is neither. */
function messageOf(line: string): string | undefined {
  const [, code, text] = /^(TS\d+) \[ERROR\]: (.*)$/.exec(line) ?? [];
  if (code !== undefined) return `${code} ${text}`;
  return line.startsWith("error: ") ? line.slice("error: ".length) : undefined;
}
