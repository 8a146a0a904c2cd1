/** How values are spread over the buckets of a histogram: plain numbers, cheap enough for the hot path. */
export class Spread {
  /** Upper ends of the buckets, in the unit of the values. */
  readonly bounds: readonly number[];
  /** `counts[i]` holds those up to `bounds[i]`, the last one all beyond. */
  readonly counts: number[];
  sum = 0;
  total = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array(bounds.length + 1).fill(0);
  }

  /** Counts one value. */
  observe(value: number): void {
    let bucket = 0;
    while (value > (this.bounds[bucket] ?? Infinity)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
    this.total++;
  }
}

/** Buckets of the durations of runs and nodes, in seconds. */
export const DURATION_BOUNDS_S: readonly number[] = [
  0.001,
  0.005,
  0.01,
  0.05,
  0.1,
  0.5,
  1,
  5,
  10,
  30,
  60,
  300,
];

/** Buckets of how late a trigger is, in seconds. */
export const LAG_BOUNDS_S: readonly number[] = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 3600];

/** Buckets of what a storage takes to write, in seconds. */
export const WRITE_BOUNDS_S: readonly number[] = [
  0.0001,
  0.00025,
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.5,
  1,
  5,
];

/** Buckets of how many writes one transaction holds. */
export const BATCH_BOUNDS: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
