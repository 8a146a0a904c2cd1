import assert from "node:assert/strict";
import { withFolder } from "./_engine_process.ts";
import { pd, type PdOutcome } from "./_pd_process.ts";
import { serve, type ServeProcess } from "./_serve_process.ts";

const LIMIT_MS = 30_000;

/** A run as `GET /pipelines/runs/{id}` has it. */
export interface ShownRun {
  readonly id: string;
  readonly workflow: string;
  readonly commit: string;
  readonly ref: string;
  readonly user: string;
  readonly status: "queued" | "running" | "success" | "failed";
  readonly error: string | null;
  readonly jobs: readonly { readonly id: string; readonly name: string; readonly status: string }[];
}

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- whatever the test expects of it
  readonly body: any;
}

/** A bare git repository, a clone of it to push from, and a server's folder beside them. */
export class GitPlace {
  readonly dir: string;
  readonly bare: string;
  readonly work: string;
  server: ServeProcess | undefined;
  #token = "";

  constructor(dir: string) {
    this.dir = dir;
    this.bare = `${dir}/app.git`;
    this.work = `${dir}/work`;
  }

  async git(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: [...args],
      cwd: this.work,
      env: {
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_AUTHOR_NAME: "ann",
        GIT_AUTHOR_EMAIL: "ann@example.com",
        GIT_COMMITTER_NAME: "ann",
        GIT_COMMITTER_EMAIL: "ann@example.com",
      },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(success, `git ${args.join(" ")}: ${said}`);
    return said;
  }

  /** Writes files (`undefined` removes one), commits them, and gives the commit. */
  async commit(files: { readonly [path: string]: string | undefined }): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      const file = `${this.work}/${path}`;
      if (text === undefined) {
        await Deno.remove(file, { recursive: true });
        continue;
      }
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--allow-empty", "--message", "a change");
    return (await this.git("rev-parse", "HEAD")).trim();
  }

  /** Pushes the branch, and gives what was told. */
  push(...args: readonly string[]): Promise<string> {
    return this.git("push", "--force", "origin", ...args.length === 0 ? ["main"] : args);
  }

  /** Starts the server; the one before has to be gone. */
  async serve(env: { readonly [name: string]: string } = {}): Promise<ServeProcess> {
    this.server = await serve(`${this.dir}/server`, [], env);
    this.#token = await this.server.token("--sub", "ann");
    return this.server;
  }

  get token(): string {
    return this.#token;
  }

  /** Ends the server at once, as a crash does. */
  async crash(): Promise<void> {
    await this.server?.end("SIGKILL");
    await this.server?.[Symbol.asyncDispose]();
    this.server = undefined;
  }

  pd(...args: readonly string[]): Promise<PdOutcome> {
    return pd(args, { cwd: `${this.dir}/server`, env: { PD_TOKEN: this.#token } });
  }

  /** Adds the repository as `app`. */
  async add(...args: readonly string[]): Promise<void> {
    const added = await this.pd("repo", "add", "app", "--git", this.bare, ...args);
    assert.equal(added.code, 0, added.stderr);
  }

  /** Writes the hook that `pd repo hook` prints into the bare repository. */
  async installHook(): Promise<void> {
    const printed = await this.pd("repo", "hook", "app", "--call", this.server?.url ?? "");
    assert.equal(printed.code, 0, printed.stderr);
    assert.equal(printed.stdout.includes(this.#token), false);
    const file = `${this.bare}/hooks/post-receive`;
    await Deno.mkdir(`${this.bare}/hooks`, { recursive: true });
    await Deno.writeTextFile(file, printed.stdout);
    await Deno.chmod(file, 0o755);
    await Deno.writeTextFile(`${this.bare}/pd-token`, this.#token, { mode: 0o600 });
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${this.#token}`);
    const response = await fetch(`${this.server?.url}${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  post(path: string, body: unknown = {}, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    headers.set("content-type", "application/json");
    return this.ask(path, { ...init, headers, method: "POST", body: JSON.stringify(body) });
  }

  /** The run, once it is as wanted. */
  async until(id: string, wanted: (run: ShownRun) => boolean): Promise<ShownRun> {
    const deadline = performance.now() + LIMIT_MS;
    for (;;) {
      const { status, body } = await this.ask(`/pipelines/runs/${id}`);
      if (status === 200 && wanted(body)) return body;
      if (performance.now() > deadline) assert.fail(`not in time: ${JSON.stringify(body)}`);
    }
  }

  over(id: string): Promise<ShownRun> {
    return this.until(id, ({ status }) => status === "success" || status === "failed");
  }

  /** All that a job wrote. */
  async log(run: string, job: string): Promise<string> {
    return (await this.ask(`/jobs/${run}.${job}/logs`)).body.text;
  }
}

/** Makes a place, hands it to the test, and leaves nothing of it behind. */
export async function withGit(test: (place: GitPlace) => Promise<void>): Promise<void> {
  await withFolder({ "server/.keep": "", "work/.keep": "" }, async (dir) => {
    const place = new GitPlace(dir);
    await place.git("init", "--quiet", "--bare", "--initial-branch=main", place.bare);
    await place.git("init", "--quiet", "--initial-branch=main", ".");
    await place.git("remote", "add", "origin", place.bare);
    try {
      await test(place);
    } finally {
      await place.server?.[Symbol.asyncDispose]();
    }
  });
}

/** The id of the run that a push has told of. */
export function pushedRun(said: string): string {
  const id = /pd: \{"id":"([^"]+)"/.exec(said)?.[1];
  assert.ok(id, said);
  return id;
}

/** A workflow of programs of this machine, one after the other. */
export function flow(jobs: { readonly [name: string]: string }, more = ""): string {
  const names = Object.keys(jobs);
  const nodes = names.map((name, index) =>
    `  ${name}: { image: none, on_lost: retry, run: ${JSON.stringify(jobs[name])}${
      index === 0 ? "" : `, depends_on: [${names[index - 1]}]`
    } }\n`
  );
  return `name: build\nversion: "1.0"\nconfig: { driver: native }\n${more}nodes:\n${
    nodes.join("")
  }`;
}

/** A program that waits until a file is there. */
export function untilThere(file: string): string {
  return `until [ -e ${file} ]; do sleep 0.02; done`;
}

/** A repository whose commits are run, and its server. */
export async function ready(
  place: GitPlace,
  files: { readonly [path: string]: string },
): Promise<void> {
  await place.commit(files);
  await place.serve();
  await place.add("--workflow", "ci");
  await place.installHook();
}
