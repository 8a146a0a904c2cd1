import assert from "node:assert/strict";
import { withApp } from "./_test_server.ts";

Deno.test("GET /health says ok, also while the engine drains; detail adds figures", () =>
  withApp({}, async ({ json, send, post, workflow }) => {
    await post("/run");
    assert.deepEqual(await json("/health"), { status: "ok" });
    const detail = await json("/health?detail=1");
    assert.deepEqual(detail["workflow"], { name: "test-flow", version: "1.0", generation: 1 });
    assert.equal(detail["activeRuns"], 0);
    assert.equal(detail["finishedRuns"], 1);
    assert.equal(detail["hosts"], 2);
    assert.equal(detail["reloadError"], null);
    await workflow.drain(0);
    assert.equal((await send("/health")).status, 200);
  }));

Deno.test("GET /ready is 200 until the engine drains, then 503", () =>
  withApp({}, async ({ send, workflow }) => {
    assert.equal((await send("/ready")).status, 200);
    await workflow.drain(0);
    const response = await send("/ready");
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "5");
  }));

Deno.test("GET /workflow shows spec, stages and diagram without undoing any default", () =>
  withApp({ nodes: { fetch: () => 1, format: () => 2 } }, async ({ json }) => {
    const view = await json("/workflow");
    assert.equal(view["name"], "test-flow");
    assert.deepEqual(view["stages"], [["fetch"], ["format"]]);
    assert.match(String(view["mermaid"]), /fetch[\s\S]*-->[\s\S]*format/);
    const spec = view["spec"] as { nodes: { id: string; timeoutMs: number }[] };
    assert.deepEqual(spec.nodes.map((node) => [node.id, node.timeoutMs]), [
      ["fetch", 30_000],
      ["format", 30_000],
    ]);
  }));

Deno.test("GET /metrics counts runs, nodes and their times in the Prometheus format", () =>
  withApp({
    nodes: {
      first: () => 1,
      second({ input }) {
        if (input === 1) throw new Error("as asked");
      },
    },
  }, async ({ send, post }) => {
    await post("/run");
    await post("/run");
    const response = await send("/metrics");
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    const lines = [
      'pipedreamer_workflow_info{workflow="test-flow",version="1.0"} 1',
      'pipedreamer_runs_started_total{workflow="test-flow",trigger="http"} 2',
      'pipedreamer_runs_total{workflow="test-flow",trigger="http",status="failed"} 2',
      'pipedreamer_runs_total{workflow="test-flow",trigger="http",status="succeeded"} 0',
      'pipedreamer_runs_in_flight{workflow="test-flow"} 0',
      'pipedreamer_run_duration_seconds_bucket{workflow="test-flow",le="+Inf"} 2',
      'pipedreamer_run_duration_seconds_count{workflow="test-flow"} 2',
      'pipedreamer_node_duration_seconds_bucket{workflow="test-flow",node="first",le="+Inf"} 2',
      'pipedreamer_nodes_total{workflow="test-flow",node="first",status="succeeded"} 2',
      'pipedreamer_nodes_total{workflow="test-flow",node="second",status="failed"} 2',
      'pipedreamer_node_attempts_total{workflow="test-flow",node="first"} 2',
      'pipedreamer_node_retries_total{workflow="test-flow",node="first"} 0',
      'pipedreamer_hosts{workflow="test-flow"} 2',
      'pipedreamer_hosts_busy{workflow="test-flow"} 1',
    ];
    for (const line of lines) assert.ok(text.split("\n").includes(line), `${line}\n${text}`);
    assert.match(text, /^# TYPE pipedreamer_run_duration_seconds histogram$/m);
  }));
