import assert from "node:assert/strict";
import type { Workflow } from "../workflow/mod.ts";
import { metricFamilies } from "./metric_families.ts";
import { createMetrics } from "./metrics.ts";
import { RunTally } from "./run_tally.ts";

const PAGE = new URL("../../docs/reference/metrics.md", import.meta.url);

/** As much of a workflow as figures need. */
const WORKFLOW = {
  current: { spec: { name: "traced", version: "1.0" }, version: 3 },
  stats: () => ({ activeRuns: 2, queuedRuns: 5, hosts: 4, busyHosts: 1 }),
} as unknown as Workflow;

function filled(): RunTally {
  const tally = new RunTally();
  const place = { runId: "r", seq: 1, at: 0 };
  tally.add({
    ...place,
    kind: "run.started",
    workflow: "traced",
    version: "1.0",
    input: {},
    trigger: { type: "cron" },
  });
  tally.add({ ...place, kind: "node.started", node: 'a"b\\c', attempt: 1 });
  tally.add({ ...place, kind: "run.succeeded", durationMs: 40 });
  tally.triggers.count("daily", "lag_ms", 250);
  tally.triggers.count("daily", "missed", 3);
  tally.triggers.count("orders", "dead_lettered", 1);
  tally.storage.failures.set("STORAGE_UNAVAILABLE", 2);
  return tally;
}

Deno.test("the page on metrics has a row for each, with its type, labels and meaning", async () => {
  const rows = (await Deno.readTextFile(PAGE)).split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const families = metricFamilies(WORKFLOW, new RunTally()).map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(" "),
    help,
  ]);
  assert.deepEqual(rows, families);
});

Deno.test("names and units of metrics follow the conventions of Prometheus", () => {
  const names = new Set<string>();
  for (const { name, type, labels, help } of metricFamilies(WORKFLOW, new RunTally())) {
    assert.match(name, /^(pipedreamer|process)_[a-z]+(_[a-z]+)*$/);
    assert.equal(name.endsWith("_total"), type === "counter", name);
    assert.doesNotMatch(name, /_(ms|milliseconds|minutes|kb|mb)(_|$)|_(count|sum|bucket)$/);
    assert.ok(!names.has(name), name);
    names.add(name);
    for (const label of labels) assert.match(label, /^[a-z]+$/);
    assert.ok(!labels.includes("le"), name);
    assert.match(help, /^[A-Z][^.]*[^.]$/);
  }
});

Deno.test("samples carry exactly the labels that their metric declares", () => {
  for (const { name, type, labels, samples } of metricFamilies(WORKFLOW, filled())) {
    for (const sample of samples()) {
      const own = Object.keys(sample.labels).filter((label) => label !== "le");
      assert.deepEqual(own.toSorted(), labels.toSorted(), name);
      assert.ok(type === "histogram" || sample.metricName === undefined);
    }
  }
});

Deno.test("/metrics is text of the exposition format, with cumulative buckets and escaped labels", async () => {
  const { text, contentType } = await createMetrics(WORKFLOW, filled())();
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  const lines = text.split("\n");
  for (
    const line of [
      'pipedreamer_workflow_generation{workflow="traced"} 3',
      'pipedreamer_runs_total{workflow="traced",trigger="cron",status="succeeded"} 1',
      'pipedreamer_runs_in_flight{workflow="traced"} 2',
      'pipedreamer_queue_depth{workflow="traced"} 5',
      'pipedreamer_run_duration_seconds_bucket{workflow="traced",le="0.01"} 0',
      'pipedreamer_run_duration_seconds_bucket{workflow="traced",le="0.05"} 1',
      'pipedreamer_run_duration_seconds_bucket{workflow="traced",le="+Inf"} 1',
      'pipedreamer_run_duration_seconds_sum{workflow="traced"} 0.04',
      'pipedreamer_node_attempts_total{workflow="traced",node="a\\"b\\\\c"} 1',
      'pipedreamer_trigger_lag_seconds_sum{workflow="traced",name="daily"} 0.25',
      'pipedreamer_trigger_missed_total{workflow="traced",name="daily"} 3',
      'pipedreamer_dead_letters_total{workflow="traced",name="orders"} 1',
      'pipedreamer_storage_failures_total{code="STORAGE_UNAVAILABLE"} 2',
      'pipedreamer_hosts_busy{workflow="traced"} 1',
    ]
  ) assert.ok(lines.includes(line), `${line}\n${text}`);
  assert.match(text, /^# TYPE pipedreamer_run_duration_seconds histogram$/m);
});
