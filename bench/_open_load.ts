/** A request that is made again and again, however long answers take. */
export interface Task {
  readonly name: string;
  readonly perSecond: number;
  /** Makes the request, and takes all of the answer. */
  send(): Promise<void>;
}

/** How a task went. */
export interface TaskReport {
  readonly name: string;
  /** Milliseconds from the moment at which each request was due, in order of size. */
  readonly times: readonly number[];
  readonly failures: readonly string[];
}

const TICK_MS = 5;

/**
 * Makes requests at a fixed pace, so that a server that falls behind does not slow down who asks: what an answer is
 * late counts from the moment at which its request was due.
 */
export async function openLoad(
  tasks: readonly Task[],
  { durationMs }: { readonly durationMs: number },
): Promise<readonly TaskReport[]> {
  const startedAt = performance.now();
  return await Promise.all(tasks.map(async ({ name, perSecond, send }) => {
    const times: number[] = [];
    const failures: string[] = [];
    const open = new Set<Promise<void>>();
    const count = Math.max(1, Math.round(perSecond * durationMs / 1_000));
    for (let i = 0; i < count; i++) {
      // Tasks of one pace do not all begin in the same moment.
      const dueAt = startedAt + (i + 0.5) * 1_000 / perSecond;
      while (performance.now() < dueAt) {
        await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      }
      const one = send().then(
        () => void times.push(performance.now() - dueAt),
        (error) => void failures.push(String(error)),
      ).finally(() => open.delete(one));
      open.add(one);
    }
    await Promise.all(open);
    return { name, times: times.sort((a, b) => a - b), failures };
  }));
}

/** The figure that `share` of the sorted `times` do not exceed. */
export function quantile(times: readonly number[], share: number): number {
  return times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? NaN;
}
