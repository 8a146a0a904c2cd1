import type { Clock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import { formatBytes } from "../units/mod.ts";
import { clearLeftovers } from "./clear_leftovers.ts";
import { isWholeCommit } from "./check_revision.ts";
import { git, type GitResult } from "./git.ts";

/** How much a repository may cost. */
export interface MirrorLimits {
  readonly fetchTimeoutMs: number;
  /** Of everything that was ever fetched, packed. */
  readonly maxMirrorBytes: number;
  /** Of the files of one commit. */
  readonly maxCheckoutBytes: number;
  readonly maxCheckoutFiles: number;
}

/** Generous for a repository with code. */
export const DEFAULT_MIRROR_LIMITS: MirrorLimits = {
  fetchTimeoutMs: 5 * 60_000,
  maxMirrorBytes: 4 * 1024 ** 3,
  maxCheckoutBytes: 2 * 1024 ** 3,
  maxCheckoutFiles: 500_000,
};

/** Which repository is mirrored, and where. */
export interface MirrorOptions {
  /** Folder of the bare repository. Absolute. */
  readonly dir: string;
  readonly url: string;
  readonly clock: Clock;
  readonly env: (name: string) => string | undefined;
  readonly limits: MirrorLimits;
  /** Ends whatever git does. */
  readonly signal?: AbortSignal;
}

/** What somebody wants to be run. */
export type Wanted =
  /** Perhaps short. */
  | { readonly commit: string }
  /** Full: `refs/heads/main`. */
  | { readonly ref: string };

/** How often the size is looked at while something is fetched. */
const LOOK_MS = 500;
const LOCAL_TIMEOUT_MS = 2 * 60_000;

/** A bare copy of a repository, from which commits are checked out. */
export class Mirror {
  readonly #options: MirrorOptions;
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.url;
  }

  /**
   * The whole name of a commit, which is here then and stays. It is fetched when it is not here; a ref always is.
   *
   * @throws {CodedError} `REPOSITORY_UNAVAILABLE`, `COMMIT_NOT_FOUND`, `TOOL_MISSING`
   */
  resolve(wanted: Wanted): Promise<string> {
    return this.#alone(async () => {
      await this.#init();
      const known = "commit" in wanted ? await this.#find(wanted.commit) : undefined;
      const commit = known ?? await this.#fetched(wanted);
      await this.#must(["update-ref", `refs/pd/${commit}`, commit]);
      return commit;
    });
  }

  /**
   * Writes the files of a commit that is here into an empty folder.
   *
   * @throws {CodedError} `REPOSITORY_UNAVAILABLE`, `COMMIT_NOT_FOUND`, `CHECKOUT_TOO_LARGE`
   */
  checkOut(commit: string, dir: string): Promise<void> {
    return this.#alone(async () => {
      if (await this.#find(commit) === undefined) throw this.#notFound({ commit });
      await this.#checkSize(commit);
      const index = `${this.#options.dir}/index-${crypto.randomUUID()}`;
      const extra = { GIT_INDEX_FILE: index, GIT_WORK_TREE: dir };
      try {
        await this.#must(["read-tree", "--end-of-options", commit], extra);
        await this.#must(["checkout-index", "--all", "--force", "--quiet"], extra, dir);
      } finally {
        await Deno.remove(index).catch(() => {});
      }
    });
  }

  async #fetched(wanted: Wanted): Promise<string> {
    await this.#fetch(["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"], ["--prune"]);
    const name = "commit" in wanted ? wanted.commit : wanted.ref;
    const found = await this.#find(name);
    if (found !== undefined) return found;
    // After a force push a commit may be on no branch any more, and still be there to be asked for.
    if ("commit" in wanted && isWholeCommit(name)) {
      await this.#fetch([name]).catch(() => {});
      const alone = await this.#find(name);
      if (alone !== undefined) return alone;
    }
    throw this.#notFound(wanted);
  }

  async #find(name: string): Promise<string | undefined> {
    const found = await this.#git([
      "rev-parse",
      "--quiet",
      "--verify",
      "--end-of-options",
      `${name}^{commit}`,
    ]);
    // Some versions of git repeat the separator.
    const commit = found.stdout.trim().split("\n").at(-1) ?? "";
    return found.isOk && isWholeCommit(commit) ? commit : undefined;
  }

  async #init(): Promise<void> {
    const { dir } = this.#options;
    if (await Deno.stat(`${dir}/HEAD`).then(() => true, () => false)) return;
    await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
    await this.#must(["init", "--bare", "--quiet", "--template="]);
  }

  async #fetch(refs: readonly string[], flags: readonly string[] = []): Promise<void> {
    const { dir, url, limits, clock, signal } = this.#options;
    await clearLeftovers(dir);
    const tooLarge = new AbortController();
    let stopTimer = (): void => {};
    let isOver = false;
    const look = async (): Promise<void> => {
      if (await this.#sizeBytes() > limits.maxMirrorBytes) tooLarge.abort();
      if (!isOver) stopTimer = clock.after(LOOK_MS, () => void look());
    };
    stopTimer = clock.after(LOOK_MS, () => void look());
    try {
      const result = await git(
        [
          // Always a pack: what arrives is measured there, however few objects it has.
          "-c",
          "fetch.unpackLimit=1",
          "fetch",
          "--quiet",
          "--force",
          "--no-tags",
          "--no-recurse-submodules",
          "--no-write-fetch-head",
          "--no-auto-maintenance",
          ...flags,
          "--",
          url,
          ...refs,
        ],
        {
          ...this.#local,
          timeoutMs: limits.fetchTimeoutMs,
          signal: signal === undefined
            ? tooLarge.signal
            : AbortSignal.any([signal, tooLarge.signal]),
          usesConfig: true,
        },
      );
      if (tooLarge.signal.aborted) throw this.#tooLarge(limits.maxMirrorBytes, "repository");
      if (signal?.aborted) throw this.#ending();
      if (!result.isOk) throw this.#failed("fetch", result);
      await this.#tidyUp();
    } finally {
      isOver = true;
      stopTimer();
    }
  }

  /** Packs what many fetches have left; nothing is thrown away. A mirror that is not tidy is one still. */
  async #tidyUp(): Promise<void> {
    await this.#git([
      "-c",
      "gc.auto=6700",
      "gc",
      "--auto",
      "--quiet",
      "--no-detach",
      "--prune=never",
    ])
      .catch(() => {});
  }

  async #sizeBytes(): Promise<number> {
    const folder = `${this.#options.dir}/objects/pack`;
    let bytes = 0;
    try {
      for await (const { name } of Deno.readDir(folder)) {
        bytes += (await Deno.stat(`${folder}/${name}`).catch(() => undefined))?.size ?? 0;
      }
    } catch {
      // Not there yet.
    }
    return bytes;
  }

  async #checkSize(commit: string): Promise<void> {
    const { maxCheckoutBytes, maxCheckoutFiles } = this.#options.limits;
    const { stdout } = await this.#must(["ls-tree", "-r", "-l", "-z", "--end-of-options", commit]);
    let bytes = 0;
    let files = 0;
    for (const line of stdout.split("\0")) {
      if (line === "") continue;
      files++;
      bytes += Number(/^\S+ \S+ \S+ +(\d+)\t/.exec(line)?.[1] ?? 0);
    }
    if (bytes > maxCheckoutBytes) throw this.#tooLarge(maxCheckoutBytes, `commit ${commit}`);
    if (files > maxCheckoutFiles) {
      throw new CodedError(
        "CHECKOUT_TOO_LARGE",
        `Cannot check out commit ${commit} of "${this.url}": it has ${files} files, and at most ${maxCheckoutFiles} are`,
        { fix: "Keep what is generated out of the repository" },
      );
    }
  }

  get #local() {
    const { dir, clock, env, signal } = this.#options;
    return { mirror: dir, clock, env, signal, timeoutMs: LOCAL_TIMEOUT_MS };
  }

  #git(args: readonly string[], extra: { readonly [name: string]: string } = {}) {
    return git(args, { ...this.#local, extra });
  }

  async #must(
    args: readonly string[],
    extra: { readonly [name: string]: string } = {},
    cwd?: string,
  ): Promise<GitResult> {
    const result = await git(args, { ...this.#local, extra, ...cwd === undefined ? {} : { cwd } });
    if (result.isOk) return result;
    if (this.#options.signal?.aborted) throw this.#ending();
    throw this.#failed(args[0] ?? "", result);
  }

  /** One after another. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }

  #ending(): CodedError {
    return new CodedError(
      "DRAINING",
      `Cannot fetch "${this.url}" as asked: the engine is shutting down`,
      { fix: "Push it again in a few seconds" },
    );
  }

  #failed(verb: string, { stderr }: GitResult): CodedError {
    return new CodedError(
      "REPOSITORY_UNAVAILABLE",
      `Cannot ${verb} "${this.url}" as git does it: ${stderr || "it says nothing"}`,
      { fix: `git ls-remote ${this.url}` },
    );
  }

  #notFound(wanted: Wanted): CodedError {
    const what = "commit" in wanted ? `commit ${wanted.commit}` : `"${wanted.ref}"`;
    return new CodedError(
      "COMMIT_NOT_FOUND",
      `Cannot find ${what} in "${this.url}" as something to run: there is none`,
      { fix: `git ls-remote ${this.url}` },
    );
  }

  #tooLarge(maxBytes: number, what: string): CodedError {
    return new CodedError(
      "CHECKOUT_TOO_LARGE",
      `Cannot take ${what} of "${this.url}": it is larger than ${formatBytes(maxBytes)}B`,
      { fix: "Keep what is generated out of the repository" },
    );
  }
}
