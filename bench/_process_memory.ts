/** The proportional set size of a process in bytes: memory that is shared counts by its share. */
export async function proportionalBytes(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? NaN) * 1_024;
}

/** One look at a process. */
export interface MemorySample {
  /** Seconds since the first look. */
  readonly at: number;
  readonly bytes: number;
}

/** Looks at the memory of a process each `everyMs` until the signal. */
export async function watchMemory(
  pid: number,
  { everyMs, signal }: { readonly everyMs: number; readonly signal: AbortSignal },
): Promise<readonly MemorySample[]> {
  const samples: MemorySample[] = [];
  const startedAt = performance.now();
  while (!signal.aborted) {
    samples.push({
      at: (performance.now() - startedAt) / 1_000,
      bytes: await proportionalBytes(pid),
    });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, everyMs);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }
  return samples;
}

/**
 * Bytes that a server holds once all else is collected: of one that was started with `_tell_memory.ts`, which writes
 * to `file`.
 */
export async function heldBytes(pid: number, file: string): Promise<number> {
  await Deno.remove(file).catch(() => {});
  Deno.kill(pid, "SIGUSR2");
  for (;;) {
    const text = await Deno.readTextFile(file).catch(() => undefined);
    if (text !== undefined) return Number(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Milliseconds of a processor that a process has used so far, without its children. */
export async function processorMs(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // In ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
