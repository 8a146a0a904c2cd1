import { mayDo, type Principal } from "../../auth/mod.ts";
import { type Clock, sleep } from "../../clock/mod.ts";
import { isQueueFull } from "../../queue/mod.ts";
import type { FoundRun, RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import { isOver } from "../../storage/mod.ts";
import type { GroupParts } from "../load_groups.ts";
import { jsonResponse, SECURITY_HEADERS } from "../json_response.ts";
import { readInteger } from "../query.ts";
import type { RouteGroup, ServiceCall } from "../service/mod.ts";
import { answerError, PrunnerError } from "./answer_error.ts";
import { JobViews } from "./job_views.ts";
import { scheduleJob } from "./schedule_job.ts";
import { TaskLogs } from "./task_logs.ts";

/** What prunner's API is made of, besides the workflows. */
export interface PrunnerOptions {
  readonly clock: Clock;
}

/** A list without `limit` has the newest so many jobs. */
const DEFAULT_JOBS = 1_000;
const MAX_JOBS = 10_000;
/** How long the answer to a cancel waits for a job that had not begun to be over. */
const CANCEL_MS = 2_000;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** As `prunnerRoutes`, of the parts that all groups of a server are made of. */
export function createGroup({ registry, clock }: GroupParts): RouteGroup {
  return prunnerRoutes(registry, { clock });
}

/** prunner's API over every workflow that a caller may see: paths, bodies and words as its clients know them. */
export function prunnerRoutes(registry: Registry, { clock }: PrunnerOptions): RouteGroup {
  const jobs = new JobViews({ registry, clock });
  const logs = new TaskLogs();

  function seenBy(principal: Principal): readonly RegisteredWorkflow[] {
    return registry.list().filter(({ name }) => mayDo(principal, "read", name));
  }

  function pipelines(_request: Request, { principal }: ServiceCall): Response {
    return jsonResponse(200, { pipelines: seenBy(principal).map(toPipeline) });
  }

  async function list({ url }: Request, { principal }: ServiceCall): Promise<Response> {
    const query = new URL(url).searchParams;
    const limit = readInteger(query, "limit", { fallback: DEFAULT_JOBS, min: 1, max: MAX_JOBS });
    const entries = seenBy(principal);
    const found = await jobs.list(entries, limit);
    const shown = JSON.stringify(entries.map(toPipeline));
    return jsonText(`{"pipelines":${shown},"jobs":[${found.join(",")}]}`);
  }

  async function find({ url }: Request, { principal }: ServiceCall): Promise<FoundRun> {
    const id = new URL(url).searchParams.get("id") ?? "";
    if (!UUID.test(id)) throw new PrunnerError(400, "Invalid job id");
    const found = await jobs.find(id.toLowerCase());
    const isSeen = found !== undefined && mayDo(principal, "read", found.entry.name);
    if (!isSeen) throw new PrunnerError(404, "Job not found");
    return found;
  }

  async function taskLogs(request: Request, call: ServiceCall): Promise<Response> {
    const found = await find(request, call);
    const task = new URL(request.url).searchParams.get("task") ?? "";
    if (task === "") throw new PrunnerError(400, "Invalid task name");
    if (!await jobs.hasTask(found, task)) throw new PrunnerError(404, "Task not found");
    return jsonResponse(200, await logs.read(found, task));
  }

  async function cancel(request: Request, call: ServiceCall): Promise<Response> {
    const { run } = await find(request, call);
    const { status } = run;
    if (isOver(status) && status !== "cancelled") {
      throw new PrunnerError(500, "Error canceling job");
    }
    if (!isOver(status)) {
      run.cancel();
      if (status === "queued") await atMost(CANCEL_MS, run.result, clock);
    }
    return jsonResponse(200, true);
  }

  return {
    routes: [
      { method: "GET", path: "/pipelines", scope: "read", handle: pipelines },
      { method: "GET", path: "/pipelines/", scope: "read", handle: pipelines },
      { method: "GET", path: "/pipelines/jobs", scope: "read", handle: list },
      {
        method: "POST",
        path: "/pipelines/schedule",
        scope: "run",
        async handle(request, call) {
          const jobId = await scheduleJob(registry, await request.text(), call);
          jobs.accepted();
          return jsonResponse(202, { jobId });
        },
      },
      {
        method: "GET",
        path: "/job/detail",
        scope: "read",
        handle: async (request, call) => jsonText(await jobs.one(await find(request, call))),
      },
      { method: "GET", path: "/job/logs", scope: "read", handle: taskLogs },
      { method: "POST", path: "/job/cancel", scope: "run", handle: cancel },
    ],
    answerError,
  };
}

function toPipeline({ name, workflow }: RegisteredWorkflow) {
  const { activeRuns: running, queuedRuns: waiting } = workflow.stats();
  const { queue } = workflow.current.spec.config;
  return {
    pipeline: name,
    schedulable: !workflow.draining && !isQueueFull(queue, { running, waiting }),
    running: running > 0,
  };
}

function jsonText(text: string): Response {
  return new Response(text, {
    headers: { "content-type": "application/json; charset=utf-8", ...SECURITY_HEADERS },
  });
}

async function atMost(ms: number, work: Promise<unknown>, clock: Clock): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, sleep(ms, clock, timer.signal)]);
  timer.abort();
}
