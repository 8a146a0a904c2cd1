import { z } from "zod";
import { CodedError } from "../../errors/mod.ts";
import type { JsonValue } from "../../json/mod.ts";
import type { RegisteredWorkflow } from "../../registry/mod.ts";
import type { Schedule, Schedules } from "../../schedules/mod.ts";
import { checkInput, scheduleFlaw } from "../../spec/mod.ts";
import { InputInvalidError } from "../../workflow/mod.ts";
import { mayDo, type Principal } from "../../auth/mod.ts";
import { FieldError } from "../field_error.ts";
import { type ApiContext, visible, workflowOf } from "./api_context.ts";
import type { AnyApiRoute, Shown } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { scheduleView, viewOfSchedule, viewsOfTriggers } from "./schedule_view.ts";
import { json } from "./schemas.ts";

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const name = z.string().min(1).max(200);
const params = z.strictObject({ schedule: name });
const oneSchedule = { description: "The schedule", schema: scheduleView } as const;

const parts = {
  schedule: z.string().min(1).max(200).meta({
    description: "As in a file: five fields, six with seconds in front, or an alias: `@daily`",
    examples: ["0 9 * * *"],
  }),
  timezone: z.string().min(1).max(100).optional().meta({
    description: "IANA name; UTC without it",
  }),
  overlap: z.enum(["forbid", "allow", "replace"]).optional().meta({
    description: "When the last run still goes on; forbid without it",
  }),
  catchUp: z.enum(["none", "last", "all"]).optional().meta({
    description: "Ticks that were missed while no server ran; none without it",
  }),
  input: json.optional(),
};

/** Schedules: those of files, and those that somebody made. */
export function schedulesRoutes(context: ApiContext): readonly AnyApiRoute[] {
  return [list(context), create(context), show(context), change(context), remove(context)];
}

function list(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "GET",
    path: "/schedules",
    id: "listSchedules",
    tag: "Schedules",
    scope: "read",
    summary: "All schedules with their next times: those of files, and those that somebody made",
    query: z.strictObject({
      workflow: z.array(z.string().min(1)).optional().meta({ description: "Only of these" }),
    }),
    answers: {
      200: { description: "Schedules", schema: z.object({ schedules: z.array(scheduleView) }) },
    },
    async handle({ query, principal, answer }) {
      const now = context.clock.now();
      const isShown = (name: string) => query.workflow?.includes(name) ?? true;
      const entries = visible(context, principal).filter((entry) => isShown(entry.name));
      const ofFiles = await Promise.all(entries.map((entry) => viewsOfTriggers(entry, now)));
      const made = (await context.schedules?.list() ?? [])
        .filter(({ workflow }) => isShown(workflow) && mayDo(principal, "read", workflow));
      const ofServer = await Promise.all(made.map((schedule) => view(context, schedule)));
      return answer(200, { schedules: [...ofFiles.flat(), ...ofServer] });
    },
  });
}

function create(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "POST",
    path: "/schedules",
    id: "createSchedule",
    tag: "Schedules",
    scope: "run",
    summary: "Start a workflow by the clock",
    body: z.strictObject({
      name: z.string().max(63).regex(KEBAB).optional().meta({
        description: "Kebab-case; made of the workflow's name without it",
      }),
      workflow: name.meta({ description: "Name of the workflow" }),
      ...parts,
      isPaused: z.boolean().default(false),
    }),
    answers: { 201: oneSchedule },
    async handle({ body, principal, answer }) {
      const schedules = schedulesOf(context);
      const { workflow, schedule, timezone = "UTC", input = {} } = body;
      const entry = registered(context, principal, workflow);
      await checkTimes({ schedule, timezone });
      checkScheduleInput(entry, input as JsonValue);
      const made = await schedules.create(body.name ?? freshName(workflow), {
        workflow,
        schedule: schedule.trim(),
        timezone,
        overlap: body.overlap ?? "forbid",
        catchUp: body.catchUp ?? "none",
        input: input as JsonValue,
        isPaused: body.isPaused,
        createdBy: principal.subject,
      });
      return answer(201, await view(context, made), {
        location: `/api/v1/schedules/${made.name}`,
      });
    },
  });
}

function show(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "GET",
    path: "/schedules/{schedule}",
    id: "showSchedule",
    tag: "Schedules",
    scope: "read",
    summary: "Show a schedule that somebody made",
    params,
    answers: { 200: oneSchedule },
    async handle({ params, principal, answer }) {
      return answer(200, await view(context, await found(context, principal, params.schedule)));
    },
  });
}

function change(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "PATCH",
    path: "/schedules/{schedule}",
    id: "changeSchedule",
    tag: "Schedules",
    scope: "run",
    summary: "Change, pause or resume a schedule",
    description: "Ticks that were missed while it was paused are not caught up.",
    params,
    body: z.strictObject({
      ...parts,
      schedule: parts.schedule.optional(),
      isPaused: z.boolean().optional(),
      revision: z.int().min(1).optional().meta({
        description: "As it was read: a change of somebody else meanwhile is then a conflict",
      }),
    }),
    answers: { 200: oneSchedule },
    async handle({ params, body: { revision, ...wanted }, principal, answer }) {
      const old = await found(context, principal, params.schedule);
      const { schedule = old.schedule, timezone = old.timezone } = wanted;
      await checkTimes({ schedule, timezone });
      const { input } = wanted as { input?: JsonValue };
      const entry = context.registry.get(old.workflow);
      if (input !== undefined && entry !== undefined) checkScheduleInput(entry, input);
      const { overlap = old.overlap, catchUp = old.catchUp, isPaused = old.isPaused } = wanted;
      const changed = await schedulesOf(context).change(old.name, {
        schedule: schedule.trim(),
        timezone,
        overlap,
        catchUp,
        isPaused,
        ...input === undefined ? {} : { input },
      }, revision);
      if (changed === undefined) throw unknown(old.name);
      return answer(200, await view(context, changed));
    },
  });
}

function remove(context: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "DELETE",
    path: "/schedules/{schedule}",
    id: "deleteSchedule",
    tag: "Schedules",
    scope: "run",
    summary: "Remove a schedule; runs that it started go on",
    params,
    answers: { 204: { description: "It is gone" } },
    async handle({ params, principal, answer }) {
      const { name } = await found(context, principal, params.schedule);
      await schedulesOf(context).remove(name);
      return answer(204);
    },
  });
}

async function view(
  { schedules, clock }: ApiContext,
  schedule: Schedule,
): Promise<Shown<typeof scheduleView>> {
  const isAtWork = schedules?.atWork().has(schedule.name) ?? false;
  return await viewOfSchedule(schedule, { isAtWork, now: clock.now() });
}

async function found(context: ApiContext, principal: Principal, name: string): Promise<Schedule> {
  const schedule = await context.schedules?.get(name);
  if (schedule === undefined || !mayDo(principal, "read", schedule.workflow)) throw unknown(name);
  return schedule;
}

function schedulesOf({ schedules }: ApiContext): Schedules {
  if (schedules !== undefined) return schedules;
  throw new CodedError(
    "NOT_AVAILABLE",
    "Cannot keep a schedule as asked: this server keeps those of workflow.yaml alone",
    { fix: "pd serve" },
  );
}

/** A workflow that is not there is a mistake in the body, not in the path. */
function registered(
  context: ApiContext,
  principal: Principal,
  workflow: string,
): RegisteredWorkflow {
  try {
    return workflowOf(context, principal, workflow);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    throw new FieldError("workflow", "there is none of that name", error.fix ?? "");
  }
}

async function checkTimes(times: { readonly schedule: string; readonly timezone: string }) {
  const flaw = await scheduleFlaw(times);
  if (flaw !== undefined) throw new FieldError(flaw.part, flaw.state, flaw.fix);
}

function checkScheduleInput({ workflow, name }: RegisteredWorkflow, input: JsonValue): void {
  const checked = checkInput(workflow.current.spec.inputs, input);
  if (!checked.ok) throw new InputInvalidError(name, checked.problems);
  // It is kept as it is, and shown to whoever may see the workflow.
  if (JSON.stringify(workflow.redact(input)) === JSON.stringify(input)) return;
  throw new FieldError("input", "it holds a secret", "Let nodes read it: ctx.secrets");
}

function freshName(workflow: string): string {
  const stem = workflow.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const suffix = crypto.randomUUID().slice(0, 8);
  return stem === "" ? suffix : `${stem.slice(0, 50).replace(/-$/, "")}-${suffix}`;
}

function unknown(name: string): CodedError {
  return new CodedError(
    "NOT_FOUND",
    `Cannot find "${name}" as a schedule: there is none that this token may see`,
    { fix: "GET /api/v1/schedules lists those that are" },
  );
}
