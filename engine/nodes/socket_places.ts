/** Hosts with equal rights that may be starting at the same time; one that has connected holds no path any more. */
export const SOCKETS_PER_FOLDER = 4;

/**
 * The paths of all sockets below `base`, for an engine that is started with the right to these and no other: the
 * runtime grants sockets by their whole path.
 */
export function socketPaths(base: string, folders: number): string[] {
  return Array.from(
    { length: folders * SOCKETS_PER_FOLDER },
    (_, index) =>
      `${base}/${1 + Math.floor(index / SOCKETS_PER_FOLDER)}/${1 + index % SOCKETS_PER_FOLDER}`,
  );
}

/** Folders for sockets whose paths were known before the engine started, as in an image. */
export class SocketPlaces {
  readonly #base: string;
  readonly #folders: number;

  private constructor(base: string, folders: number) {
    this.#base = base;
    this.#folders = folders;
  }

  /** Takes `base` for this process alone: what an engine left there that was killed is removed. */
  static async open(base: string, folders: number): Promise<SocketPlaces> {
    await Deno.remove(base, { recursive: true }).catch(() => {});
    await Deno.mkdir(base, { recursive: true, mode: 0o700 });
    return new SocketPlaces(base, folders);
  }

  /** Makes a folder that nobody has; removing it gives it back. */
  async take(): Promise<string> {
    for (let number = 1; number <= this.#folders; number++) {
      const dir = `${this.#base}/${number}`;
      try {
        await Deno.mkdir(dir, { mode: 0o700 });
        return dir;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
    throw new Error(`all ${this.#folders} folders for sockets are in use`);
  }
}
