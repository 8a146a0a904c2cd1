import type { JsonObject, JsonValue } from "../json/mod.ts";
import type { PipelineProblem } from "./pipeline_invalid_error.ts";

const ENGINE_URL = new URL("../", import.meta.url).href;
const PROJECT_CONFIG = new URL("../../deno.json", import.meta.url);
/** Frames of one diagnostic end with its place. */
const PLACE = /^\s+at (file:\/\/\S+):(\d+):(\d+)$/m;
const HEAD = /^(?:TS\d+ )?\[ERROR\]: |^TS\d+ \[ERROR\]: /;

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
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify(await checkConfig(config)));
    await Deno.writeTextFile(
      `${dir}/check.ts`,
      `import "pipedreamer";\nimport ${JSON.stringify(url)};\n`,
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
    return readProblems(new TextDecoder().decode(stderr), { url, show });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The engine's own modules import packages by names that only the engine's configuration knows. */
async function checkConfig(config: JsonObject): Promise<JsonObject> {
  const own: { imports?: Record<string, JsonValue> } = JSON.parse(
    await Deno.readTextFile(PROJECT_CONFIG).catch(() => "{}"),
  );
  const { pipedreamer: _, ...imports } = own.imports ?? {};
  const scopes = typeof config["scopes"] === "object" ? config["scopes"] as JsonObject : {};
  return { ...config, scopes: { ...scopes, [ENGINE_URL]: imports } };
}

/** Each diagnostic is a block of its own, or the one error that kept the compiler from starting. */
function readProblems(
  stderr: string,
  { url, show }: { readonly url: string; show(url: string): string },
): PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  for (const block of stderr.trim().split(/\n\n+/)) {
    const [, file, line, column] = PLACE.exec(block) ?? [];
    // A stricter compiler setting of the pipeline is no business of the engine's own files.
    if (file?.startsWith(ENGINE_URL)) continue;
    const first = block.split("\n")[0] ?? "";
    if (HEAD.test(first)) {
      const code = /^TS\d+/.exec(first)?.[0];
      const text = first.replace(HEAD, "");
      problems.push({
        file: show(file ?? url),
        line: Number(line ?? 0),
        column: Number(column ?? 0),
        message: code === undefined ? text : `${code} ${text}`,
      });
    } else if (first.startsWith("error: ") && first !== "error: Type checking failed.") {
      problems.push({
        file: show(file ?? url),
        line: Number(line ?? 0),
        column: Number(column ?? 0),
        message: first.slice("error: ".length),
      });
    }
  }
  return problems;
}
