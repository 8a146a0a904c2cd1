import { join } from "node:path";
import type { TimedLine } from "./events_of_job.ts";

/** A longer line becomes several; lines that come after the first some hundred are kept together up to it. */
const MAX_CHARS = 16_000;
const MAX_SINGLE_LINES = 500;

/** What a task has written, stdout before stderr, in the memory of one piece. Nothing when there is no file. */
export async function* readTaskLog(
  dir: string,
  { job, task }: { readonly job: string; readonly task: string },
): AsyncGenerator<TimedLine> {
  // prunner makes its file names so; a name with a slash would lead elsewhere, and had no file.
  if (/[/\\\0]/.test(task)) return;
  for (const stream of ["stdout", "stderr"] as const) {
    const path = join(dir, "logs", job, `${task}-${stream}.log`);
    let file: Deno.FsFile;
    try {
      file = await Deno.open(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    let rest = "";
    let lines = 0;
    for await (const chunk of file.readable.pipeThrough(new TextDecoderStream())) {
      rest += chunk;
      for (;;) {
        const piece = cut(rest, lines);
        if (piece === undefined) break;
        yield { stream, ...piece };
        rest = rest.slice(piece.message.length + (piece.partial ? 0 : 1));
        lines++;
      }
    }
    while (rest !== "") {
      const at = lines < MAX_SINGLE_LINES ? rest.indexOf("\n") : rest.lastIndexOf("\n");
      const piece = { message: at === -1 ? rest : rest.slice(0, at), partial: at === -1 };
      yield { stream, ...piece };
      rest = at === -1 ? "" : rest.slice(at + 1);
      lines++;
    }
  }
}

/** The next piece of what was read; undefined when more has to come first. */
function cut(text: string, lines: number): { message: string; partial: boolean } | undefined {
  const isSingle = lines < MAX_SINGLE_LINES;
  if (!isSingle && text.length <= MAX_CHARS) return undefined;
  const at = isSingle ? text.indexOf("\n") : text.lastIndexOf("\n", MAX_CHARS);
  if (at !== -1 && at <= MAX_CHARS) return { message: text.slice(0, at), partial: false };
  if (text.length <= MAX_CHARS) return undefined;
  // Between the halves of a pair nothing is cut.
  const last = text.charCodeAt(MAX_CHARS - 1);
  const end = last >= 0xd800 && last < 0xdc00 ? MAX_CHARS - 1 : MAX_CHARS;
  return { message: text.slice(0, end), partial: true };
}
