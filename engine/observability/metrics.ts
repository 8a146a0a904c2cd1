import type { Metric, Registry } from "prom-client";
import type { Workflow } from "../workflow/mod.ts";
import { metricFamilies } from "./metric_families.ts";
import type { MetricFamily } from "./metric_family.ts";
import type { RunTally } from "./run_tally.ts";

/** Answers with all figures in the Prometheus text format, version 0.0.4. */
export type RenderMetrics = () => Promise<{ readonly contentType: string; readonly text: string }>;

/**
 * Makes the renderer of `/metrics`. The client library is loaded by the first call, as it would add
 * 60 ms to every start; until then, and between calls, there are only plain numbers.
 */
export function createMetrics(workflow: Workflow, tally: RunTally): RenderMetrics {
  let registry: Promise<Registry> | undefined;
  return async () => {
    registry ??= register(metricFamilies(workflow, tally));
    const ready = await registry;
    return { contentType: ready.contentType, text: await ready.metrics() };
  };
}

/** A registry of the client library with those metrics. */
export async function register(all: readonly MetricFamily[]): Promise<Registry> {
  const { Registry } = await import("prom-client");
  const registry = new Registry();
  for (const { name, help, type, samples } of all) {
    // The registry asks a metric for nothing but its name and `get()`.
    const metric = {
      name,
      get: () => Promise.resolve({ name, help, type, values: samples(), aggregator: "sum" }),
    };
    registry.registerMetric(metric as unknown as Metric);
  }
  return registry;
}
