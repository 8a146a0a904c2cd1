import type { Metric, Registry } from "prom-client";
import type { Workflow } from "../workflow/mod.ts";
import { BUCKETS_S, type RunTally, type Spread } from "./run_tally.ts";

/** One sample as the exposition format has it. */
interface Sample {
  readonly labels: { readonly [name: string]: string | number };
  readonly value: number;
  /** Where it differs from the metric's: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  samples(): Sample[];
}

/** Answers with all figures in the Prometheus text format, version 0.0.4. */
export type RenderMetrics = () => Promise<{ readonly contentType: string; readonly text: string }>;

/**
 * Makes the renderer of `/metrics`. The client library is loaded by the first call, as it would add
 * 60 ms to every start; until then, and between calls, there are only plain numbers.
 */
export function createMetrics(workflow: Workflow, tally: RunTally): RenderMetrics {
  let registry: Promise<Registry> | undefined;
  return async () => {
    registry ??= register(families(workflow, tally));
    const ready = await registry;
    return { contentType: ready.contentType, text: await ready.metrics() };
  };
}

async function register(all: readonly MetricFamily[]): Promise<Registry> {
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

function families(workflow: Workflow, tally: RunTally): MetricFamily[] {
  const { name, version } = workflow.current.spec;
  const nodes = () => [...tally.nodes];
  return [
    {
      name: "pipedreamer_workflow_info",
      help: "The workflow that is served; always 1",
      type: "gauge",
      samples: () => [{ labels: { workflow: name, version }, value: 1 }],
    },
    {
      name: "pipedreamer_workflow_generation",
      help: "1 for the folder as it was opened, then one more for each reload",
      type: "gauge",
      samples: () => [{ labels: {}, value: workflow.current.version }],
    },
    {
      name: "pipedreamer_runs_started_total",
      help: "Runs started",
      type: "counter",
      samples: () => [{ labels: {}, value: tally.started }],
    },
    {
      name: "pipedreamer_runs_total",
      help: "Runs that are over, by status",
      type: "counter",
      samples: () => byStatus(tally.runs),
    },
    {
      name: "pipedreamer_runs_in_flight",
      help: "Runs that go on",
      type: "gauge",
      samples: () => [{ labels: {}, value: workflow.activeRuns }],
    },
    {
      name: "pipedreamer_run_duration_seconds",
      help: "How long runs took",
      type: "histogram",
      samples: () => spread("pipedreamer_run_duration_seconds", tally.runDuration, {}),
    },
    {
      name: "pipedreamer_node_duration_seconds",
      help: "How long nodes took, from their first attempt to their end",
      type: "histogram",
      samples: () =>
        nodes().flatMap(([node, { duration }]) =>
          spread("pipedreamer_node_duration_seconds", duration, { node })
        ),
    },
    {
      name: "pipedreamer_nodes_total",
      help: "Nodes that are over, by status",
      type: "counter",
      samples: () => nodes().flatMap(([node, { ended }]) => byStatus(ended, { node })),
    },
    {
      name: "pipedreamer_node_attempts_total",
      help: "Attempts begun",
      type: "counter",
      samples: () => nodes().map(([node, { attempts }]) => ({ labels: { node }, value: attempts })),
    },
    {
      name: "pipedreamer_node_retries_total",
      help: "Attempts that followed a failed one",
      type: "counter",
      samples: () => nodes().map(([node, { retries }]) => ({ labels: { node }, value: retries })),
    },
    {
      name: "pipedreamer_node_lost_total",
      help: "Attempts whose host died under them",
      type: "counter",
      samples: () => nodes().map(([node, { lost }]) => ({ labels: { node }, value: lost })),
    },
    {
      name: "pipedreamer_hosts",
      help: "Node hosts that are up",
      type: "gauge",
      samples: () => [{ labels: {}, value: workflow.stats().hosts }],
    },
    {
      name: "pipedreamer_hosts_busy",
      help: "Node hosts with a call in progress",
      type: "gauge",
      samples: () => [{ labels: {}, value: workflow.stats().busyHosts }],
    },
    {
      name: "pipedreamer_history_bytes",
      help: "Memory of the runs that are remembered, roughly",
      type: "gauge",
      samples: () => [{ labels: {}, value: workflow.stats().historyBytes }],
    },
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory of the engine, without its hosts",
      type: "gauge",
      samples: () => [{ labels: {}, value: Deno.memoryUsage().rss }],
    },
  ];
}

function byStatus(
  counts: { readonly [status: string]: number },
  labels: Sample["labels"] = {},
): Sample[] {
  return Object.entries(counts).map(([status, value]) => ({
    labels: { ...labels, status },
    value,
  }));
}

function spread(name: string, { counts, sumS, total }: Spread, labels: Sample["labels"]): Sample[] {
  let soFar = 0;
  const buckets = counts.map((count, index) => ({
    labels: { ...labels, le: BUCKETS_S[index] ?? "+Inf" },
    value: soFar += count,
    metricName: `${name}_bucket`,
  }));
  return [
    ...buckets,
    { labels, value: sumS, metricName: `${name}_sum` },
    { labels, value: total, metricName: `${name}_count` },
  ];
}
