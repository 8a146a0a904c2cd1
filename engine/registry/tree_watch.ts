import type { Clock } from "../clock/mod.ts";
import { isNoise } from "../workflow/mod.ts";
import { isWalked } from "./walk_files.ts";

/** Editors write a file in several steps; a change is over when nothing happened for this long. */
const DEBOUNCE_MS = 75;
/** Somebody who makes folders all the time does not keep us here. */
const MAX_ROUNDS = 5;
/** A folder that is not walked for workflows, and is read when one runs. */
const SECRETS = ".secrets";

/** What is watched, and what for. */
export interface TreeWatchOptions {
  /** With everything below it that a walk finds. Absolute, symlinks resolved. */
  readonly path: string;
  /** Files and folders besides. */
  readonly also: readonly string[];
  readonly clock: Clock;
  /** Whether a change of that absolute path may change what is open. */
  concerns(path: string): boolean;
  /** Called for one change at a time; what changes meanwhile is the next. Must not reject. */
  onChange(): Promise<void>;
  /** What keeps files from being watched, from now on. */
  onWarning(message: string): void;
}

/**
 * Watches a tree until disposed, with one watch of the system however many workflows are in it: folder by folder,
 * as a watch over everything would hold `node_modules` and `.git` too.
 */
export class TreeWatch implements AsyncDisposable {
  readonly #options: TreeWatchOptions;
  #watcher: Deno.FsWatcher | undefined;
  #watched: ReadonlySet<string> = new Set();
  #loops: Promise<void>[] = [];
  #cancelTimer: (() => void) | undefined;
  #work: Promise<void> = Promise.resolve();
  #isBusy = false;
  #isDirty = false;
  #isClosed = false;

  private constructor(options: TreeWatchOptions) {
    this.#options = options;
  }

  /** Resolves when changes are seen. */
  static async open(options: TreeWatchOptions): Promise<TreeWatch> {
    const watch = new TreeWatch(options);
    await watch.#follow();
    return watch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#watcher?.close();
    await this.#work;
    await Promise.all(this.#loops);
  }

  /** Watches the folders that there are now, and those that came while it began to. */
  async #follow(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const folders = new Set(await foldersOf(this.#options.path));
      for (const place of this.#options.also) {
        const folder = await folderOf(place);
        if (folder !== undefined) folders.add(folder);
      }
      if (this.#isClosed || isSame(folders, this.#watched)) return;
      this.#watch(folders);
    }
  }

  /** The new watch stands before the old one ends. */
  #watch(folders: ReadonlySet<string>): void {
    const { path, onWarning } = this.#options;
    try {
      const watcher = Deno.watchFs([...folders], { recursive: false });
      const old = this.#watcher;
      this.#watcher = watcher;
      this.#watched = folders;
      const loop = this.#listen(watcher).finally(() => {
        this.#loops = this.#loops.filter((other) => other !== loop);
      });
      this.#loops.push(loop);
      old?.close();
    } catch (error) {
      onWarning(`changes of files are not seen below ${path}: ${(error as Error).message}`);
    }
  }

  async #listen(watcher: Deno.FsWatcher): Promise<void> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      if (paths.some((path) => this.#isWorthALook(path))) this.#note();
    }
  }

  #isWorthALook(path: string): boolean {
    if (isNoise(path.slice(path.lastIndexOf("/") + 1))) return false;
    return this.#options.concerns(path) || this.#watched.has(path) || isFolder(path);
  }

  #note(): void {
    if (this.#isClosed) return;
    this.#isDirty = true;
    this.#cancelTimer?.();
    if (this.#isBusy) return;
    this.#cancelTimer = this.#options.clock.after(DEBOUNCE_MS, () => {
      this.#work = this.#tell();
    });
  }

  async #tell(): Promise<void> {
    this.#isBusy = true;
    this.#isDirty = false;
    // First the folders: what comes into a new one from now on is seen.
    await this.#follow().catch((error) => this.#options.onWarning(String(error)));
    await this.#options.onChange();
    this.#isBusy = false;
    if (this.#isDirty) this.#note();
  }
}

async function foldersOf(root: string): Promise<readonly string[]> {
  const folders = [root];
  for (const folder of folders) {
    try {
      for await (const { name, isDirectory } of Deno.readDir(folder)) {
        if (!isDirectory || isNoise(name)) continue;
        if (isWalked(name) || name === SECRETS) folders.push(`${folder}/${name}`);
      }
    } catch (error) {
      const isBeyond = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.PermissionDenied;
      if (!isBeyond) throw error;
    }
  }
  return folders;
}

/** A file is watched through its folder: an editor that replaces it would leave a watch on the old one. */
async function folderOf(place: string): Promise<string | undefined> {
  const stat = await Deno.stat(place).catch(() => undefined);
  if (stat === undefined) return undefined;
  return stat.isFile ? place.slice(0, place.lastIndexOf("/")) || "/" : place;
}

function isFolder(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory;
  } catch {
    return false;
  }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}
