import { archiveInvalid } from "./archive_invalid.ts";

/** How many folders it remembers; what it forgot it looks at again. */
const MAX_KNOWN = 65_536;

/**
 * Makes sure that what is written below a folder stays there: each folder on the way is a real one, not a link.
 * It remembers those that it saw, as nobody who unpacks replaces a folder by a link.
 */
export class FolderGuard {
  readonly #dir: string;
  readonly #known = new Set<string>([""]);

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Checks the folders above `path`, and makes those that are missing.
   *
   * @throws {CodedError} `ARCHIVE_INVALID` when one of them is a link, or no folder
   */
  async enter(path: string, { make = true }: { readonly make?: boolean } = {}): Promise<void> {
    const end = path.lastIndexOf("/");
    const parent = end < 0 ? "" : path.slice(0, end);
    if (this.#known.has(parent)) return;
    let at = "";
    for (const part of parent.split("/")) {
      at = at === "" ? part : `${at}/${part}`;
      if (!this.#known.has(at)) await this.#check(at, path, make);
    }
  }

  /** Makes the folder at `path`, whose parents were entered; one that is there is kept. */
  async makeFolder(path: string): Promise<void> {
    if (!this.#known.has(path)) await this.#check(path, path, true);
    // It may have come without the right to write, and gets its own mode when it is full.
    await Deno.chmod(`${this.#dir}/${path}`, 0o700);
  }

  async #check(at: string, path: string, make: boolean): Promise<void> {
    const folder = `${this.#dir}/${at}`;
    const info = await Deno.lstat(folder).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    if (info === undefined && !make) return;
    if (info === undefined) await Deno.mkdir(folder, { mode: 0o755 });
    else if (!info.isDirectory) {
      const what = info.isSymlink ? "a link" : "a file";
      throw archiveInvalid(
        `"${path}"`,
        `nothing is written through what is no folder: "${at}" is ${what}`,
      );
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(at);
  }
}
