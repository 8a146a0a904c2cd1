import { type MeasureOptions, type Sample, summarize } from "./harness.ts";

/** What two ways of doing the same took. */
export interface PairSample {
  readonly ours: Sample;
  readonly raw: Sample;
}

/** Two ways of doing the same, as milliseconds a call. */
export interface Pair {
  ours(): Promise<unknown>;
  raw(): Promise<unknown>;
  /** Done after each, and not measured. */
  after?(): Promise<unknown>;
}

/** Measures both in turns, so that whatever else the machine does slows down one as much as the other. */
export async function measurePair(
  pair: Pair,
  { warmUps = 2, samples = 9 }: Omit<MeasureOptions, "callsPerSample"> = {},
): Promise<PairSample> {
  const ours: number[] = [];
  const raw: number[] = [];
  for (let turn = 0; turn < warmUps + samples; turn++) {
    const isMeasured = turn >= warmUps;
    for (const [body, times] of [[pair.raw, raw], [pair.ours, ours]] as const) {
      const startedAt = performance.now();
      await body.call(pair);
      const tookMs = performance.now() - startedAt;
      await pair.after?.();
      if (isMeasured) times.push(tookMs);
    }
  }
  return { ours: summarize(ours), raw: summarize(raw) };
}
