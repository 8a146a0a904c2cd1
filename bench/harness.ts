/** What a suite in `bench/suites/` exports as `suite`: one file, one subject. */
export interface Suite {
  /** The file's name without `.ts`, for `--only`. */
  readonly name: string;
  /** Measures everything, baselines in the same run. Runs in a process of its own. */
  measure(): Promise<readonly Row[]>;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly figure: number;
  /** `ms`, `µs/node`, `runs/s`, `×`, `MB` … */
  readonly unit: string;
  /** How bad the worse samples were, in the same unit. */
  readonly p90?: number;
  /** The same work without the engine, in the same unit. */
  readonly baseline?: { readonly what: string; readonly figure: number };
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
}

/** What repeated measurement gave. */
export interface Sample {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
}

/** How often to measure. */
export interface MeasureOptions {
  /** Calls before measuring begins; 3 when left out. */
  readonly warmUps?: number;
  /** At least this many samples are taken; 9 when left out. */
  readonly samples?: number;
  /** Calls that make up one sample; 1 when left out. More for work of microseconds. */
  readonly callsPerSample?: number;
}

/** Milliseconds that one call of `body` takes. */
export async function measure(
  body: () => unknown,
  { warmUps = 3, samples = 9, callsPerSample = 1 }: MeasureOptions = {},
): Promise<Sample> {
  for (let i = 0; i < warmUps; i++) await body();
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    const startedAt = performance.now();
    for (let call = 0; call < callsPerSample; call++) await body();
    times.push((performance.now() - startedAt) / callsPerSample);
  }
  return summarize(times);
}

/** Smallest, middle and nine-in-ten of `figures`. */
export function summarize(figures: readonly number[]): Sample {
  if (figures.length === 0) throw new RangeError("Cannot summarize no figures at all");
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
  return { count: sorted.length, min: at(0.001), median: at(0.5), p90: at(0.9) };
}

/** The same sample in another unit: `scale(sample, 1000 / nodes)` turns ms a run into µs a node. */
export function scale(sample: Sample, factor: number): Sample {
  const { count, min, median, p90 } = sample;
  return { count, min: min * factor, median: median * factor, p90: p90 * factor };
}

/** Whether the row is as good as it should be; `undefined` when it has no target. */
export function isReached({ figure, target }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  return "atMost" in target ? figure <= target.atMost : figure >= target.atLeast;
}
