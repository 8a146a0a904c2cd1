import { TarWalker } from "../tar_walker.ts";
import { tarOf } from "./tar_of.ts";

/** Symlinks that were taken out of an archive. */
export class HeldLinks {
  readonly #links = new Map<string, string>();

  /** Hands an archive on without the symlinks that leave its folder, which are held. */
  async *takeFrom(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const walker = new TarWalker(({ path, linkPath, type }) => {
      const clean = path.split("/").filter((part) => part !== "" && part !== ".").join("/");
      const isHeld = type === "2" && leaves(clean, linkPath);
      if (isHeld) this.#links.set(clean, linkPath);
      else this.#links.delete(clean);
      return isHeld ? "drop" : undefined;
    });
    for await (const chunk of tar) {
      const ready = walker.push(chunk);
      if (ready.length > 0) yield ready;
    }
    walker.end();
  }

  /** An archive of what is held, below a folder; undefined when nothing is. */
  below(folder: string): Uint8Array<ArrayBuffer> | undefined {
    if (this.#links.size === 0) return undefined;
    return tarOf(
      [...this.#links].map(([path, linkPath]) => ({
        path: `${folder}/${path}`,
        mode: 0o777,
        linkPath,
      })),
    );
  }
}

/** Whether a relative target goes up beyond the folder of the archive. */
function leaves(path: string, target: string): boolean {
  if (target.startsWith("/")) return false;
  let depth = path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}
