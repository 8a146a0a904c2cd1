import type { Spread } from "./spread.ts";

/** Names and values of what samples are told apart by. */
export interface Labels {
  readonly [name: string]: string | number;
}

/** One sample as the exposition format has it. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Where it differs from the metric's: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

/** One metric: what it is, and how to read it now. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** Names of the labels, `le` of histograms left out. */
  readonly labels: readonly string[];
  samples(): readonly Sample[];
}

/** Samples of one histogram. */
export function spreadSamples(name: string, spread: Spread, labels: Labels): readonly Sample[] {
  let soFar = 0;
  const buckets = spread.counts.map((count, index) => ({
    labels: { ...labels, le: spread.bounds[index] ?? "+Inf" },
    value: soFar += count,
    metricName: `${name}_bucket`,
  }));
  return [
    ...buckets,
    { labels, value: spread.sum, metricName: `${name}_sum` },
    { labels, value: spread.total, metricName: `${name}_count` },
  ];
}

/** Samples of counts by status. */
export function statusSamples(
  counts: { readonly [status: string]: number },
  labels: Labels,
): readonly Sample[] {
  return Object.entries(counts).map(([status, value]) => ({
    labels: { ...labels, status },
    value,
  }));
}
