import { type TarName, TarWalker } from "../tar_walker.ts";

const DOT = 0x2e;
const SLASH = 0x2f;

/**
 * The archive of a folder whose name has one letter, as `tar -C <folder> .` makes it, but for the entry of the
 * folder itself: `v/a` becomes `./a`. Nothing moves, so that only headers are looked at.
 */
export async function* renameRoot(
  tar: AsyncIterable<Uint8Array>,
  letter: string,
): AsyncGenerator<Uint8Array> {
  const root = letter.charCodeAt(0);
  let isFirst = true;
  let dropped = 0;
  const walker = new TarWalker(({ path, type, names, headBytes }) => {
    for (const { of, bytes } of names) {
      // The target of a symlink is a text of its own.
      if (of === "linkPath" && type !== "1") continue;
      if (startsWith(root, bytes)) bytes[0] = DOT;
    }
    if (isFirst && type === "5" && path.replace(/\/+$/, "") === letter) dropped = headBytes;
    isFirst = false;
  });
  for await (const chunk of tar) {
    let ready = walker.push(chunk);
    // A header comes as a whole, and this one first of all.
    ready = ready.subarray(dropped);
    dropped = 0;
    if (ready.length > 0) yield ready;
  }
  walker.end();
}

function startsWith(root: number, bytes: TarName["bytes"]): boolean {
  return bytes[0] === root && (bytes.length === 1 || bytes[1] === SLASH);
}
