import type { Hijacked } from "./client.ts";

/** Writes a stream to a program's standard input, then its end. Calling what it returns ends that early. */
export function feedStdin(
  program: Hijacked,
  stdin: ReadableStream<Uint8Array>,
): () => Promise<void> {
  const reader = stdin.getReader();
  async function feed(): Promise<void> {
    try {
      for (let part; !(part = await reader.read()).done;) await program.write(part.value);
      await program.closeWrite();
    } catch {
      // The program has ended, or reads no more; how it ends is told elsewhere.
      await stop();
    }
  }
  async function stop(): Promise<void> {
    await reader.cancel().catch(() => {});
  }
  const fed = feed();
  return async () => {
    await stop();
    await fed;
  };
}
