import assert from "node:assert/strict";
import { systemClock } from "../engine/clock/mod.ts";
import type { RunEventBody } from "../engine/executor/mod.ts";
import { openStorage, type Storage } from "../engine/storage/mod.ts";
import { sampleWorkflow } from "../engine/compiler/mod.ts";
import { findPostgres, startPostgres } from "./_postgres_server.ts";
import { acceptedRun, engineOwner } from "./_storage_runs.ts";

const postgres = await findPostgres();
const ignore = postgres.status === "missing";
const AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const OWNER = engineOwner("engine");

Deno.test({
  name:
    "pipeline_runs, jobs and logs show on PostgreSQL what runs, their nodes and their lines are",
  ignore,
  async fn(t) {
    await using server = await startPostgres();
    const database = "views";
    const url = await server.createDatabase(database);
    await using storage = await openStorage(url, { clock: systemClock });

    async function rows(query: string): Promise<unknown[]> {
      const text = await server.sql(
        `SET search_path = pipedreamer; SET timezone = 'UTC';
         SELECT coalesce(json_agg(x), '[]') FROM (${query}) x`,
        database,
      );
      return JSON.parse(text.slice(text.indexOf("["))) as unknown[];
    }

    const pushed = await put(storage, [
      { kind: "run.started", workflow: "web", version: "1.0", input: {}, trigger: {} },
      { kind: "node.started", node: "build", attempt: 1 },
      line("build", "compiling", "stdout"),
      line("build", "NUL \0, half \ud800, \\u0000 and 🦕", "stderr"),
      { kind: "node.succeeded", node: "build", attempt: 1, durationMs: 5, output: "\0" },
      { kind: "node.started", node: "test", attempt: 1 },
      {
        kind: "node.failed",
        node: "test",
        attempt: 1,
        durationMs: 5,
        error: { code: "STEP_FAILED", message: "it failed", exitCode: 42 },
        allowed: false,
      },
      { kind: "node.skipped", node: "publish" },
      { kind: "node.started", node: "on_error", attempt: 1 },
      { kind: "node.succeeded", node: "on_error", attempt: 1, durationMs: 1, output: null },
      { kind: "run.failed", durationMs: 9, error: { code: "STEP_FAILED", message: "it failed" } },
    ], { status: "failed" });
    const going = await put(storage, [
      { kind: "run.started", workflow: "web", version: "1.0", input: {}, trigger: {} },
      { kind: "node.started", node: "build", attempt: 1 },
      {
        kind: "node.lost",
        node: "build",
        attempt: 1,
        error: { code: "NODE_LOST", message: "gone" },
        engine: true,
      },
    ], {});
    const waiting = await put(storage, [{ kind: "run.queued" }], { status: "queued" });

    await t.step("a run with its repository, its commit and who began it", async () => {
      assert.deepEqual(await rows(`SELECT * FROM pipeline_runs WHERE id = '${pushed}'`), [{
        id: pushed,
        repo: "shop",
        pipeline: "web",
        commit: "0a1b2c",
        status: "failed",
        created_at: "2026-01-02T03:04:05+00:00",
        started_at: "2026-01-02T03:04:05+00:00",
        ended_at: "2026-01-02T03:04:15.5+00:00",
        triggered_by: "push",
      }]);
      assert.deepEqual(await rows("SELECT status FROM pipeline_runs ORDER BY id"), [
        { status: "failed" },
        { status: "running" },
        { status: "queued" },
      ]);
    });

    await t.step("every job, also of nodes that nothing was heard of yet", async () => {
      const jobs = (run: string) =>
        rows(`SELECT name, status, exit_code, started_at IS NOT NULL AS began,
          ended_at IS NOT NULL AS ended FROM jobs WHERE pipeline_run_id = '${run}' ORDER BY name`);
      assert.deepEqual(await jobs(pushed), [
        { name: "build", status: "success", exit_code: 0, began: true, ended: true },
        { name: "on_error", status: "success", exit_code: 0, began: true, ended: true },
        { name: "publish", status: "skipped", exit_code: null, began: false, ended: false },
        { name: "test", status: "failed", exit_code: 42, began: true, ended: true },
      ]);
      assert.deepEqual(await jobs(going), [
        { name: "build", status: "running", exit_code: null, began: true, ended: false },
        { name: "publish", status: "queued", exit_code: null, began: false, ended: false },
        { name: "test", status: "queued", exit_code: null, began: false, ended: false },
      ]);
      assert.deepEqual((await jobs(waiting)).length, 3);
      assert.deepEqual(await rows(`SELECT id FROM jobs WHERE id = '${pushed}.test'`), [
        { id: `${pushed}.test` },
      ]);
    });

    await t.step("the lines of a job in order, whatever characters are in them", async () => {
      const query = `SELECT seq, stream, line, at FROM logs WHERE job_id = '${pushed}.build'
        AND pipeline_run_id = '${pushed}' ORDER BY seq`;
      assert.deepEqual(await rows(query), [
        { seq: 3, stream: "stdout", line: "compiling", at: "2026-01-02T03:04:05.003+00:00" },
        {
          seq: 4,
          stream: "stderr",
          line: "NUL \ufffd, half \ufffd, \\u0000 and 🦕",
          at: "2026-01-02T03:04:05.004+00:00",
        },
      ]);
    });
  },
});

async function put(
  storage: Storage,
  bodies: readonly RunEventBody[],
  { status = "running" }: { readonly status?: "queued" | "running" | "failed" },
): Promise<string> {
  const spec = sampleWorkflow(["build", "test", "publish"], []);
  const run = acceptedRun({
    workflow: "web",
    spec,
    trigger: {
      type: "push",
      repository: "shop",
      commit: "0a1b2c",
      ref: "refs/heads/main",
      user: "",
    },
    createdAt: AT,
    status: status === "queued" ? "queued" : "running",
  });
  const created = await storage.createRun(run, OWNER);
  if (created.status !== "created") throw new Error("The run is not new");
  await storage.append({
    lease: created.lease,
    events: bodies.map((body, index) => ({
      ...body,
      runId: run.runId,
      seq: index + 1,
      at: AT + index + 1,
    })),
    update: status === "failed" ? { status, completedAt: AT + 10_500 } : {},
  });
  return run.runId;
}

function line(node: string, message: string, stream: string): RunEventBody {
  return { kind: "log", node, attempt: 1, level: "info", message, fields: { stream } };
}
