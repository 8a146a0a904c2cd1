import assert from "node:assert/strict";
import type { RunEvent } from "../executor/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { FleetTally } from "./mod.ts";

function workflowOf(name: string) {
  const workflow = {
    current: { spec: { name, version: "1.0" }, version: 1 },
    stats: () => ({ activeRuns: 0, queuedRuns: 0, hosts: 0, busyHosts: 0 }),
    liveRun: () => ({ summary: { trigger: { type: "http" } } }),
  };
  return { name, workflow: workflow as unknown as Workflow };
}

function started(runId: string): RunEvent {
  return {
    kind: "run.started",
    runId,
    seq: 1,
    at: 0,
    workflow: "x",
    version: "1.0",
    trigger: { type: "http" },
  } as unknown as RunEvent;
}

Deno.test("figures of many workflows stand under one head each, and say whose they are", async () => {
  const tally = new FleetTally();
  const [a, b] = [workflowOf("a"), workflowOf("b")];
  tally.add(started("r1"), a);
  tally.add(started("r2"), a);
  tally.add(started("r3"), b);
  const { contentType, text } = await tally.render([a, b]);
  assert.match(contentType, /^text\/plain/);
  assert.equal(text.match(/^# HELP pipedreamer_runs_started_total /gm)?.length, 1);
  assert.match(text, /^pipedreamer_runs_started_total\{workflow="a",trigger="http"\} 2$/m);
  assert.match(text, /^pipedreamer_runs_started_total\{workflow="b",trigger="http"\} 1$/m);
  assert.equal(text.match(/^process_resident_memory_bytes /gm)?.length, 1);
  assert.equal(text.match(/^pipedreamer_storage_events_total /gm)?.length, 1);
});

Deno.test("figures of a workflow that is gone are forgotten", async () => {
  const tally = new FleetTally();
  const a = workflowOf("a");
  tally.add(started("r1"), a);
  assert.doesNotMatch((await tally.render([])).text, /workflow="a"/);
  assert.doesNotMatch((await tally.render([a])).text, /runs_started_total\{/);
});
