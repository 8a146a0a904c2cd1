import type { Workflow } from "../workflow/mod.ts";
import { type MetricFamily, type Sample, spreadSamples, statusSamples } from "./metric_family.ts";
import type { NodeFigures, RunTally } from "./run_tally.ts";
import type { Spread } from "./spread.ts";
import type { StorageTally } from "./storage_tally.ts";
import type { TriggerFigures } from "./trigger_tally.ts";

/** Every metric of a workflow that is served, each with a row in docs/reference/metrics.md. */
export function metricFamilies(workflow: Workflow, tally: RunTally): readonly MetricFamily[] {
  return [
    ...eventFamilies(workflow, tally),
    ...storageFamilies(tally.storage),
    ...hostFamilies(workflow),
    MEMORY,
  ];
}

/** Metrics of one workflow, which say whose they are. */
export function ownFamilies(workflow: Workflow, tally: RunTally): readonly MetricFamily[] {
  return [...eventFamilies(workflow, tally), ...hostFamilies(workflow)];
}

/** Metrics of the storage and the process, however many workflows there are. */
export function sharedFamilies(storage: StorageTally): readonly MetricFamily[] {
  return [...storageFamilies(storage), MEMORY];
}

function eventFamilies(workflow: Workflow, tally: RunTally): MetricFamily[] {
  return [
    ...workflowFamilies(workflow),
    ...runFamilies(workflow, tally),
    ...nodeFamilies(workflow, tally),
    ...triggerFamilies(workflow, tally),
  ];
}

function workflowFamilies(workflow: Workflow): MetricFamily[] {
  return [
    {
      name: "pipedreamer_workflow_info",
      help: "The workflow that is served; always 1",
      type: "gauge",
      labels: ["workflow", "version"],
      samples: () => {
        const { name, version } = workflow.current.spec;
        return [{ labels: { workflow: name, version }, value: 1 }];
      },
    },
    gauge(workflow, {
      name: "pipedreamer_workflow_generation",
      help: "Loads of the folder: 1 as it was opened, then one more for each reload",
      value: () => workflow.current.version,
    }),
  ];
}

function runFamilies(workflow: Workflow, tally: RunTally): MetricFamily[] {
  const { name } = workflow.current.spec;
  const triggers = () => [...tally.byTrigger];
  return [
    {
      name: "pipedreamer_runs_started_total",
      help: "Runs started, by type of trigger",
      type: "counter",
      labels: ["workflow", "trigger"],
      samples: () =>
        triggers().map(([trigger, { started }]) => ({
          labels: { workflow: name, trigger },
          value: started,
        })),
    },
    {
      name: "pipedreamer_runs_total",
      help: "Runs that are over, by status and type of trigger",
      type: "counter",
      labels: ["workflow", "trigger", "status"],
      samples: () =>
        triggers().flatMap(([trigger, { ended }]) =>
          statusSamples(ended, { workflow: name, trigger })
        ),
    },
    counter(workflow, {
      name: "pipedreamer_runs_resumed_total",
      help: "Runs taken up again where an engine left them",
      value: () => tally.resumed,
    }),
    gauge(workflow, {
      name: "pipedreamer_runs_in_flight",
      help: "Runs that go on",
      value: () => workflow.stats().activeRuns,
    }),
    gauge(workflow, {
      name: "pipedreamer_queue_depth",
      help: "Runs that wait for their turn",
      value: () => workflow.stats().queuedRuns,
    }),
    histogram(workflow, {
      name: "pipedreamer_queue_wait_seconds",
      help: "How long runs waited for their turn, of those that had to",
      spread: tally.queueWaitS,
    }),
    histogram(workflow, {
      name: "pipedreamer_run_duration_seconds",
      help: "How long runs took",
      spread: tally.runDurationS,
    }),
    {
      name: "pipedreamer_log_lines_total",
      help: "Lines that nodes logged, by level",
      type: "counter",
      labels: ["workflow", "level"],
      samples: () =>
        Object.entries(tally.logLines).map(([level, value]) => ({
          labels: { workflow: name, level },
          value,
        })),
    },
  ];
}

function nodeFamilies(workflow: Workflow, tally: RunTally): MetricFamily[] {
  const { name } = workflow.current.spec;
  function count(
    metric: { readonly name: string; readonly help: string },
    valueOf: (figures: NodeFigures) => number,
  ): MetricFamily {
    return {
      ...metric,
      type: "counter",
      labels: ["workflow", "node"],
      samples: () =>
        [...tally.nodes].map(([node, figures]) => ({
          labels: { workflow: name, node },
          value: valueOf(figures),
        })),
    };
  }
  return [
    {
      name: "pipedreamer_nodes_total",
      help: "Nodes that are over, by status",
      type: "counter",
      labels: ["workflow", "node", "status"],
      samples: () =>
        [...tally.nodes].flatMap(([node, { ended }]) =>
          statusSamples(ended, { workflow: name, node })
        ),
    },
    {
      name: "pipedreamer_node_duration_seconds",
      help: "How long nodes took, from their first attempt to their end",
      type: "histogram",
      labels: ["workflow", "node"],
      samples: () =>
        [...tally.nodes].flatMap(([node, { durationS }]) =>
          spreadSamples("pipedreamer_node_duration_seconds", durationS, { workflow: name, node })
        ),
    },
    count(
      { name: "pipedreamer_node_attempts_total", help: "Attempts begun" },
      ({ attempts }) => attempts,
    ),
    count(
      { name: "pipedreamer_node_retries_total", help: "Attempts that failed and were repeated" },
      ({ retries }) => retries,
    ),
    count(
      { name: "pipedreamer_node_lost_total", help: "Attempts whose host or engine ended" },
      ({ lost }) => lost,
    ),
  ];
}

function triggerFamilies(workflow: Workflow, { triggers }: RunTally): MetricFamily[] {
  const { name } = workflow.current.spec;
  const labels = ["workflow", "name"];
  function count(
    metric: { readonly name: string; readonly help: string },
    valueOf: (figures: TriggerFigures) => number,
  ): MetricFamily {
    return {
      ...metric,
      type: "counter",
      labels,
      samples: () =>
        [...triggers.byName].map(([trigger, figures]) => ({
          labels: { workflow: name, name: trigger },
          value: valueOf(figures),
        })),
    };
  }
  return [
    {
      name: "pipedreamer_trigger_lag_seconds",
      help: "From when a run was due, or its message was stored, to its start",
      type: "histogram",
      labels,
      samples: () =>
        [...triggers.byName].flatMap(([trigger, { lagS }]) =>
          spreadSamples("pipedreamer_trigger_lag_seconds", lagS, { workflow: name, name: trigger })
        ),
    },
    count(
      { name: "pipedreamer_trigger_missed_total", help: "Ticks of a schedule without a run" },
      ({ missed }) => missed,
    ),
    count(
      { name: "pipedreamer_trigger_redelivered_total", help: "Deliveries that came once more" },
      ({ redelivered }) => redelivered,
    ),
    count(
      { name: "pipedreamer_trigger_refused_total", help: "Deliveries that started no run" },
      ({ refused }) => refused,
    ),
    count(
      { name: "pipedreamer_dead_letters_total", help: "Messages given up as dead letters" },
      ({ deadLettered }) => deadLettered,
    ),
  ];
}

function storageFamilies(storage: StorageTally): MetricFamily[] {
  const plain = (name: string, spread: Spread) => () => spreadSamples(name, spread, {});
  return [
    {
      name: "pipedreamer_storage_append_seconds",
      help: "From handing events to the storage until they are stored",
      type: "histogram",
      labels: [],
      samples: plain("pipedreamer_storage_append_seconds", storage.appendS),
    },
    {
      name: "pipedreamer_storage_batch_appends",
      help: "Appends that were stored together",
      type: "histogram",
      labels: [],
      samples: plain("pipedreamer_storage_batch_appends", storage.batch),
    },
    {
      name: "pipedreamer_storage_events_total",
      help: "Events stored",
      type: "counter",
      labels: [],
      samples: () => [{ labels: {}, value: storage.events }],
    },
    {
      name: "pipedreamer_storage_failures_total",
      help: "Appends that failed, by code",
      type: "counter",
      labels: ["code"],
      samples: () => [...storage.failures].map(([code, value]) => ({ labels: { code }, value })),
    },
  ];
}

function hostFamilies(workflow: Workflow): MetricFamily[] {
  return [
    gauge(workflow, {
      name: "pipedreamer_hosts",
      help: "Node hosts that are up",
      value: () => workflow.stats().hosts,
    }),
    gauge(workflow, {
      name: "pipedreamer_hosts_busy",
      help: "Node hosts with a call in progress",
      value: () => workflow.stats().busyHosts,
    }),
  ];
}

const MEMORY: MetricFamily = {
  name: "process_resident_memory_bytes",
  help: "Resident memory of the engine, without its hosts",
  type: "gauge",
  labels: [],
  samples: () => [{ labels: {}, value: Deno.memoryUsage().rss }],
};

/** A metric of the whole workflow. */
interface OneFigure {
  readonly name: string;
  readonly help: string;
  value(): number;
}

function gauge(workflow: Workflow, figure: OneFigure): MetricFamily {
  return { ...one(workflow, figure), type: "gauge" };
}

function counter(workflow: Workflow, figure: OneFigure): MetricFamily {
  return { ...one(workflow, figure), type: "counter" };
}

function one(workflow: Workflow, { name, help, value }: OneFigure): Omit<MetricFamily, "type"> {
  const labels = { workflow: workflow.current.spec.name };
  return {
    name,
    help,
    labels: ["workflow"],
    samples: (): Sample[] => [{ labels, value: value() }],
  };
}

function histogram(
  workflow: Workflow,
  { name, help, spread }: { readonly name: string; readonly help: string; readonly spread: Spread },
): MetricFamily {
  const labels = { workflow: workflow.current.spec.name };
  return {
    name,
    help,
    type: "histogram",
    labels: ["workflow"],
    samples: () => spreadSamples(name, spread, labels),
  };
}
