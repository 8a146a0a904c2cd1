import { z } from "zod";
import { mayDo, type Principal } from "../../auth/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { JsonObject } from "../../json/mod.ts";
import type { RegisteredWorkflow } from "../../registry/mod.ts";
import { lineName, type Repositories } from "../../repositories/mod.ts";
import type { RunRecord, Storage } from "../../storage/mod.ts";
import { FieldError } from "../field_error.ts";
import { readIdempotencyKey } from "../idempotency.ts";
import { type ApiContext, runOf } from "./api_context.ts";
import type { AnyApiRoute, Shown } from "./api_route.ts";
import { commitRun, commitRunDetails, commitRunOf, jobsOf, shownStatus } from "./commit_runs.ts";
import { defineRoute } from "./define_route.ts";
import { nodeLogRoute } from "./node_log_route.ts";
import { json, runId } from "./schemas.ts";

const repo = z.string().min(1).max(100).meta({ description: "Name of a repository" });
const status = z.enum(["queued", "running", "success", "failed"]);

const startedRun = z.object({
  id: z.string(),
  workflow: z.string(),
  status,
  isNew: z.boolean().meta({ description: "false when this commit of this ref was started before" }),
  problem: z.string().nullable().meta({ description: "Why it can only fail" }),
}).meta({ id: "StartedCommitRun" });

/** What a handler of these routes works with. */
export type CommitContext = Pick<ApiContext, "registry" | "clock"> & {
  readonly repositories: Repositories;
};

/** Runs of commits, as a pipeline service has them: they answer at the root too. */
export function commitRoutes(context: CommitContext): readonly AnyApiRoute[] {
  return [startRoute(context), listRoute(context), showRoute(context), jobLogRoute(context)];
}

function startRoute(context: CommitContext): AnyApiRoute {
  return defineRoute({
    method: "POST",
    path: "/repos/{repo}/pipelines/run",
    id: "runCommit",
    tag: "Repositories",
    scope: "run",
    summary: "Run a commit: the repository's workflow, and the templates that are attached",
    description:
      "Without commit, ref and branch the newest commit of the repository's branch. A commit that cannot be run starts a run that fails and says why. The same commit of the same ref is started once in five minutes, unless `again` says otherwise.",
    params: z.strictObject({ repo }),
    headers: { "Idempotency-Key": "The same key within a day gives the same runs" },
    body: z.strictObject({
      commit: z.string().max(64).optional(),
      ref: z.string().max(300).optional().meta({ description: "refs/heads/main, refs/tags/v1" }),
      branch: z.string().max(300).optional(),
      inputs: z.record(z.string(), json).optional(),
      template: z.string().max(100).optional().meta({ description: "Only this one" }),
      again: z.boolean().optional(),
    }),
    answers: {
      202: {
        description: "Accepted",
        schema: z.object({
          id: z.string().meta({ description: "Of the first run" }),
          status,
          commit: z.string(),
          ref: z.string(),
          runs: z.array(startedRun),
        }).meta({ id: "StartedCommit" }),
        headers: { Location: "Where the first run is shown" },
      },
    },
    async handle({ params, body, principal, request, answer }) {
      checkGrant(principal, params.repo);
      const { inputs, ...asked } = body;
      const started = await context.repositories.run(params.repo, {
        ...asked,
        inputs: inputs as JsonObject | undefined,
        key: readIdempotencyKey(request.headers),
        keyOf: principal.subject,
        user: principal.subject,
      });
      const runs = started.runs.map(({ run, workflow, isNew, problem }) => ({
        id: run.id,
        workflow,
        status: shownStatus(run.status),
        isNew,
        problem: problem ?? null,
      }));
      const { commit, ref, runs: [{ run }] } = started;
      const first = { id: run.id, status: shownStatus(run.status) };
      return answer(202, { ...first, commit, ref, runs }, {
        location: `/pipelines/runs/${run.id}`,
      });
    },
  });
}

function listRoute(context: CommitContext): AnyApiRoute {
  const { registry, repositories } = context;
  return defineRoute({
    method: "GET",
    path: "/repos/{repo}/pipelines/runs",
    id: "listCommitRuns",
    tag: "Repositories",
    scope: "read",
    summary: "List runs of a repository's commits, newest first",
    params: z.strictObject({ repo }),
    query: z.strictObject({
      limit: z.int().min(1).max(1000).default(50),
      before: runId.optional().meta({ description: "Only those before this one: `next`" }),
      commit: z.string().regex(/^[0-9a-f]{4,64}$/, "it is 4 to 64 hexadecimal digits").optional()
        .meta({ description: "Only those of this commit" }),
    }),
    answers: {
      200: {
        description: "A page of runs",
        schema: z.object({
          runs: z.array(commitRun),
          next: z.string().nullable().meta({ description: "`before` of the page that follows" }),
        }),
      },
    },
    async handle({ params, query: { limit, before, commit }, principal, answer }) {
      if (before !== undefined && await registry.storage.getRun(before) === undefined) {
        throw new FieldError("before", "there is no such run", "Begin anew without it");
      }
      checkGrant(principal, params.repo);
      await repositories.store.get(params.repo);
      const entries = new Map(
        linesOf(context, params.repo).map((entry) => [
          entry.workflow.workflowKey,
          entry,
        ]),
      );
      const found = entries.size === 0 ? [] : await registry.storage.listRuns({
        workflowKeys: [...entries.keys()],
        limit: Math.min(limit + 1, 1000),
        ...before === undefined ? {} : { before },
      });
      const page = found.slice(0, limit);
      const runs = await Promise.all(page.flatMap((record) => {
        const entry = entries.get(record.workflowKey);
        return entry === undefined ? [] : [lineOf(entry, record, registry.storage)];
      }));
      const isMore = found.length > limit || (limit === 1000 && found.length === limit);
      return answer(200, {
        runs: commit === undefined ? runs : runs.filter((run) => run.commit.startsWith(commit)),
        next: isMore ? page.at(-1)?.runId ?? null : null,
      });
    },
  });
}

function showRoute(context: CommitContext): AnyApiRoute {
  return defineRoute({
    method: "GET",
    path: "/pipelines/runs/{run}",
    id: "showCommitRun",
    tag: "Repositories",
    scope: "read",
    summary: "Show a run with its jobs",
    params: z.strictObject({ run: runId }),
    answers: { 200: { description: "The run", schema: commitRunDetails } },
    async handle({ params, principal, answer }) {
      const found = await runOf(context, principal, params.run);
      const { entry, run } = found;
      // Before the summary: a run that is over by then has all of its jobs.
      const line = commitRunOf(entry.name, run.summary, run.dag.spec);
      return answer(200, { ...line, jobs: await jobsOf(found) });
    },
  });
}

function jobLogRoute(context: CommitContext): AnyApiRoute {
  const log = nodeLogRoute(context);
  return {
    ...log,
    path: "/jobs/{job}/logs",
    id: "readJobLog",
    tag: "Repositories",
    summary: "What a job wrote: in parts by byte offset, live, or as a file",
    params: z.strictObject({
      job: z.string().min(1).max(400).meta({ description: "`<run>.<node>`" }),
    }),
    handle(call) {
      const { job } = call.params as { readonly job: string };
      const [, run = job, node = ""] = /^([^.]+)\.(.*)$/s.exec(job) ?? [];
      const params = { run, node };
      return log.handle({ ...call, params });
    },
  };
}

/** A run that a schedule has started knows its commit by its spec alone. */
async function lineOf(
  { name, workflow }: RegisteredWorkflow,
  record: RunRecord,
  storage: Storage,
): Promise<Shown<typeof commitRun>> {
  const line = commitRunOf(name, workflow.summaryOf(record));
  if (line.commit !== "") return line;
  const stored = await storage.getRun(record.runId);
  return commitRunOf(name, workflow.summaryOf(record), stored?.spec);
}

/** Workflows of a repository: its own, and templates at work for it. */
function linesOf({ registry }: CommitContext, name: string): readonly RegisteredWorkflow[] {
  const own = lineName(name);
  return registry.list().filter((entry) => entry.name === own || entry.name.startsWith(`${own}:`));
}

/**
 * What may not be seen is not there.
 *
 * @throws {CodedError} `NOT_FOUND`
 */
function checkGrant(principal: Principal, name: string): void {
  if (mayDo(principal, "read", lineName(name))) return;
  throw new CodedError("NOT_FOUND", `Cannot find "${name}" as a repository: there is none`, {
    fix: "GET /api/v1/repos lists those that are",
  });
}
