import type { Clock } from "../clock/mod.ts";

/** Editors write a file in several steps; a change is over when nothing happened for this long. */
export const DEBOUNCE_MS = 75;

/** Files that changed since the last call. */
export interface FolderChange {
  /** Relative to the watched folder where they are inside it; sorted. */
  readonly changed: readonly string[];
}

/** What is watched, and what for. */
export interface WatchFolderOptions {
  /** With everything below it. */
  readonly dir: string;
  /** More files and folders. */
  readonly also: readonly string[];
  readonly clock: Clock;
  /** Absolute paths whose change means nothing. */
  isIgnored(path: string): boolean;
  /** Called for one change at a time; what changes meanwhile comes in the next call. Must not reject. */
  onChange(change: FolderChange): Promise<void>;
}

/** Watches until disposed. Temporary files of editors, `.git`, dependencies and test data are left out. */
export function watchFolder(options: WatchFolderOptions): AsyncDisposable {
  const { dir, clock, onChange } = options;
  const changed = new Set<string>();
  let cancelTimer: (() => void) | undefined;
  let telling: Promise<void> = Promise.resolve();
  let isTelling = false;

  function note(path: string): void {
    const inside = path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : undefined;
    if (inside !== undefined && isNoise(inside)) return;
    if (options.isIgnored(path)) return;
    changed.add(inside ?? path);
    schedule();
  }

  function schedule(): void {
    cancelTimer?.();
    cancelTimer = isTelling ? undefined : clock.after(DEBOUNCE_MS, () => {
      telling = tell();
    });
  }

  async function tell(): Promise<void> {
    cancelTimer = undefined;
    isTelling = true;
    const batch = [...changed].sort();
    changed.clear();
    await onChange({ changed: batch });
    isTelling = false;
    if (changed.size > 0) schedule();
  }

  const watchers = [
    { watcher: Deno.watchFs(dir, { recursive: true }), only: undefined },
    ...watchAlso(options),
  ];
  const loops = watchers.map(async ({ watcher, only }) => {
    for await (const event of watcher) {
      if (event.kind === "access") continue;
      for (const path of event.paths) if (only === undefined || path === only) note(path);
    }
  });

  return {
    async [Symbol.asyncDispose]() {
      for (const { watcher } of watchers) watcher.close();
      await Promise.all(loops);
      cancelTimer?.();
      changed.clear();
      await telling;
    },
  };
}

/** A file is watched through its folder: an editor that replaces it would leave a watch on the old one. */
function watchAlso(
  { dir, also }: WatchFolderOptions,
): { watcher: Deno.FsWatcher; only: string | undefined }[] {
  const watchers = [];
  for (const path of also) {
    if (path === dir || path.startsWith(`${dir}/`)) continue;
    try {
      const only = Deno.statSync(path).isFile ? path : undefined;
      const folder = only === undefined ? path : path.slice(0, path.lastIndexOf("/")) || "/";
      watchers.push({ watcher: Deno.watchFs(folder, { recursive: only === undefined }), only });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return watchers;
}

const NOISE_FOLDERS: ReadonlySet<string> = new Set([
  ".git",
  ".hg",
  ".idea",
  ".pd",
  ".vscode",
  "__snapshots__",
  "coverage",
  "node_modules",
  "testdata",
  "tests",
]);

/** `deno.lock` is written by the runtime itself; `4913` and the rest are left by editors for a moment. */
const NOISE_FILES =
  /^(deno\.lock|\.DS_Store|4913|\.#.*|#.*#|.*~|.*\.(tmp|temp|bak|sw[a-z])|.*___jb_\w+___)$/;

/** Whether a path inside the workflow folder is none of the workflow's code, configuration or secrets. */
export function isNoise(relativePath: string): boolean {
  const parts = relativePath.split("/");
  const name = parts.pop() ?? "";
  return NOISE_FILES.test(name) || NOISE_FOLDERS.has(name) ||
    parts.some((part) => NOISE_FOLDERS.has(part));
}
