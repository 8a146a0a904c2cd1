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

/** Bytes a second that fit the samples best (least squares). */
export function slopeOf(samples: readonly MemorySample[]): number {
  const count = samples.length;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / count;
  const meanBytes = samples.reduce((sum, { bytes }) => sum + bytes, 0) / count;
  let over = 0;
  let under = 0;
  for (const { at, bytes } of samples) {
    over += (at - meanAt) * (bytes - meanBytes);
    under += (at - meanAt) ** 2;
  }
  return over / under;
}
