import { join } from "node:path";
import { CodedError } from "../engine/errors/mod.ts";
import { cacheDir } from "../engine/cache/mod.ts";
import { findChromium } from "./chromium.ts";
import type { Cli } from "./cli.ts";

/** The version that the flags below were tried with. */
const MERMAID_CLI = "12.2.0";

/**
 * Draws Mermaid text to a PNG or PDF file with mermaid-cli and the system's Chromium. The tool lives in
 * a project of its own in the user's cache: it is large, and nothing else needs it.
 *
 * @throws {CodedError} `TOOL_MISSING` without Chromium, or when mermaid-cli cannot be fetched or fails
 */
export async function drawPicture(
  cli: Cli,
  { mermaid, format, file }: {
    readonly mermaid: string;
    readonly format: "png" | "pdf";
    readonly file: string;
  },
): Promise<void> {
  const chromium = await findChromium(cli.io.env);
  if (chromium === undefined) {
    throw new CodedError(
      "TOOL_MISSING",
      `Cannot draw "${file}" as mermaid-cli needs a Chromium: none is on PATH, and PD_CHROMIUM is not set or wrong`,
      { fix: "apt-get install chromium\npd visualize --format svg needs no browser" },
    );
  }
  const project = await openProject(cli);
  const folder = await Deno.makeTempDir({ prefix: "pd-draw-" });
  try {
    const input = join(folder, "graph.mmd");
    const output = join(folder, `graph.${format}`);
    const browser = join(folder, "browser.json");
    await Deno.writeTextFile(input, mermaid);
    await Deno.writeTextFile(browser, JSON.stringify(browserOptions(chromium)));
    await runDeno(project, [
      "run",
      "--quiet",
      "--allow-all",
      "--no-prompt",
      "npm:@mermaid-js/mermaid-cli",
      ...["--input", input, "--output", output, "--puppeteerConfigFile", browser],
      ...["--scale", "2", "--quiet"],
    ], `draw "${file}"`);
    // The tool takes the format from the file's name, and a person may call the file what they like.
    await Deno.copyFile(output, file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function browserOptions(executablePath: string): { executablePath: string; args: string[] } {
  // Chromium refuses to run as root with its sandbox on.
  const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;
  return {
    executablePath,
    args: ["--disable-background-networking", ...(isRoot ? ["--no-sandbox"] : [])],
  };
}

/** The folder with mermaid-cli installed, made at the first call. */
async function openProject(cli: Cli): Promise<string> {
  const cache = cacheDir(cli.io.env);
  if (cache === undefined) {
    throw new CodedError(
      "TOOL_MISSING",
      "Cannot fetch mermaid-cli as there is no cache folder to keep it in: HOME and XDG_CACHE_HOME are not set",
      { fix: "export HOME=/path/to/home" },
    );
  }
  const project = join(cache, `mermaid-cli-${MERMAID_CLI}`);
  const done = join(project, "installed");
  if (await exists(done)) return project;
  cli.out.note("fetching mermaid-cli once; it is large …");
  await Deno.mkdir(project, { recursive: true });
  await Deno.writeTextFile(
    join(project, "deno.json"),
    JSON.stringify({
      nodeModulesDir: "auto",
      imports: {
        "@mermaid-js/mermaid-cli": `npm:@mermaid-js/mermaid-cli@${MERMAID_CLI}`,
        puppeteer: "npm:puppeteer@^25.0.0",
      },
    }),
  );
  await runDeno(project, ["install", "--quiet"], "fetch mermaid-cli");
  await Deno.writeTextFile(done, "");
  return project;
}

async function runDeno(project: string, args: readonly string[], doing: string): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: project,
    env: { PUPPETEER_SKIP_DOWNLOAD: "1", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (code === 0) return;
  const said = new TextDecoder().decode(stderr).trim() || new TextDecoder().decode(stdout).trim();
  throw new CodedError(
    "TOOL_MISSING",
    `Cannot ${doing} as mermaid-cli or its installation failed: ${said.slice(0, 2_000)}`,
    { fix: `rm -rf "${project}", check the network, and run it again; --format svg needs neither` },
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
