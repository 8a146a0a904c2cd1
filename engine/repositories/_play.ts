import { type Clock, systemClock } from "../clock/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import { type OpenRegistry, openRegistry } from "../registry/mod.ts";
import { openStorage, type Storage } from "../storage/mod.ts";
import { openRepositories, type OpenRepositoriesOptions } from "./open_repositories.ts";
import type { Repositories } from "./repositories.ts";

/** A git repository of a test, and the repositories of a server over a storage in memory. */
export interface Play {
  readonly dir: string;
  readonly origin: string;
  readonly storage: Storage;
  readonly registry: OpenRegistry;
  readonly repositories: Repositories;
  readonly logged: { readonly message: string; readonly fields: JsonObject | undefined }[];
  /** Writes files, commits them on the branch that is checked out, and gives the commit. */
  commit(files: { readonly [path: string]: string }): Promise<string>;
  git(...args: readonly string[]): Promise<string>;
}

/** Makes it, hands it to the test, and removes it. */
export async function withPlay(
  test: (play: Play) => Promise<void>,
  options: Partial<OpenRepositoriesOptions> & { readonly clock?: Clock } = {},
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-repositories-" }));
  const origin = `${dir}/origin`;
  const clock = options.clock ?? systemClock;
  const logged: { message: string; fields: JsonObject | undefined }[] = [];
  async function git(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: [...args],
      cwd: origin,
      env: {
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_AUTHOR_NAME: "ann",
        GIT_AUTHOR_EMAIL: "ann@example.com",
        GIT_COMMITTER_NAME: "ann",
        GIT_COMMITTER_EMAIL: "ann@example.com",
      },
    }).output();
    if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  }
  try {
    await Deno.mkdir(origin);
    await git("init", "--quiet", "--initial-branch=main");
    await using storage = await openStorage("memory:", { clock });
    await using registry = await openRegistry({ storage, clock });
    await using repositories = await openRepositories({
      registry,
      dir: `${dir}/data`,
      driver: undefined,
      env: (name) => Deno.env.get(name),
      clock,
      log: (_level, message, fields) => void logged.push({ message, fields }),
      ...options,
    });
    await test({
      dir,
      origin,
      storage,
      registry,
      repositories,
      logged,
      git,
      async commit(files) {
        for (const [path, text] of Object.entries(files)) {
          const file = `${origin}/${path}`;
          await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
          await Deno.writeTextFile(file, text);
        }
        await git("add", "--all");
        await git("commit", "--quiet", "--allow-empty", "--message", "a change");
        return await git("rev-parse", "HEAD");
      },
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The files of a workflow whose one node, in the engine, answers what `answer` says. */
export function flow(answer: string, more = ""): { readonly [path: string]: string } {
  return {
    "ci/workflow.yaml":
      `name: build\nversion: "1.0"\nnodes:\n  only: { path: ./only.ts, isolation: none }\n${more}`,
    "ci/only.ts": `export default (ctx: any, input: any): any => (${answer});\n`,
  };
}
