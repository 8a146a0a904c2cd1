import { z } from "zod";
import { mayDo } from "../../auth/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { ApiContext } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { readUpload } from "./read_upload.ts";
import { FieldError } from "../field_error.ts";
import { moment, workflowName } from "./schemas.ts";
import { registryProblem } from "./workflow_view.ts";

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_FILES = 2000;
const params = z.strictObject({ workflow: workflowName });

const storedVersion = z.object({
  version: z.int().meta({ description: "1, 2, 3 …" }),
  kind: z.enum(["workflow", "pipeline"]),
  hash: z.string().meta({ description: "Of its content" }),
  driver: z.string().nullable(),
  source: z.string().meta({ description: "Where it came from, for people" }),
  createdAt: moment,
}).meta({ id: "StoredVersion" });

/** Stored workflows: uploads, versions, removal. */
export function registerRoutes(context: ApiContext): readonly AnyApiRoute[] {
  return [register(context), versions(context), remove(context)];
}

function register(context: ApiContext): AnyApiRoute {
  const { registry, clock } = context;
  return defineRoute({
    method: "POST",
    path: "/workflows",
    id: "registerWorkflow",
    tag: "Workflows",
    scope: "admin",
    summary: "Store a workflow or a pipeline, or a new version of it",
    description:
      "Files with a workflow.yaml are a workflow, those with a pipeline.ts a pipeline. They are checked, and not executed. What is stored already is answered as it is.",
    body: z.strictObject({
      name: z.string().max(63).regex(KEBAB).optional().meta({
        description: "Kebab-case; that of workflow.yaml without it. Pipelines need one",
      }),
      files: z.record(z.string().min(1).max(500), z.string()).meta({ description: "Text by path" }),
      driver: z.string().min(1).max(200).optional().meta({
        description: "To run on unless told otherwise: `docker`",
      }),
    }),
    answers: {
      201: {
        description: "Stored",
        schema: storedVersion.extend({
          name: z.string(),
          warnings: z.array(z.string()),
          problems: z.array(registryProblem).meta({ description: "Why it could not be opened" }),
        }),
        headers: { Location: "Where the workflow is shown" },
      },
    },
    async handle({ body: { name: given, files, driver }, principal, answer }) {
      if (Object.keys(files).length > MAX_FILES) {
        throw new FieldError("files", `there are more than ${MAX_FILES}`, "Leave some out");
      }
      if (driver !== undefined && /key|token|secret|password/i.test(driver)) {
        throw new FieldError("driver", "it holds a secret, which is kept nowhere", "docker");
      }
      const read = await readUpload(files);
      const name = given ?? read.name;
      if (name === undefined) throw new FieldError("name", "it is missing", `{"name": "k6"}`);
      const there = registry.get(name);
      if (there !== undefined && there.origin.kind !== "stored") throw taken(name, there.origin);
      const record = await registry.storage.putWorkflow({
        name,
        kind: read.kind,
        driver,
        source: `api:${principal.subject}`,
        files: read.files,
        createdAt: clock.now(),
      });
      await registry.reload();
      const { version, kind, hash, source, createdAt } = record;
      return answer(201, {
        name,
        version,
        kind,
        hash,
        driver: record.driver ?? null,
        source,
        createdAt,
        warnings: read.warnings,
        problems: registry.problems().filter(({ place }) => place === name),
      }, { location: `/api/v1/workflows/${name}` });
    },
  });
}

function versions({ registry }: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "GET",
    path: "/workflows/{workflow}/versions",
    id: "listVersions",
    tag: "Workflows",
    scope: "read",
    summary: "Versions of a stored workflow, newest first; none of others",
    params,
    answers: {
      200: { description: "Versions", schema: z.object({ versions: z.array(storedVersion) }) },
    },
    async handle({ params: { workflow }, principal, answer }) {
      const isShown = mayDo(principal, "read", workflow);
      const records = isShown ? await registry.storage.workflowHistory(workflow) : [];
      if (records.length === 0 && (!isShown || registry.get(workflow) === undefined)) {
        throw unknown(workflow);
      }
      return answer(200, {
        versions: records.map(({ version, kind, hash, driver, source, createdAt }) => ({
          version,
          kind,
          hash,
          driver: driver ?? null,
          source,
          createdAt,
        })),
      });
    },
  });
}

function remove({ registry }: ApiContext): AnyApiRoute {
  return defineRoute({
    method: "DELETE",
    path: "/workflows/{workflow}",
    id: "removeWorkflow",
    tag: "Workflows",
    scope: "admin",
    summary: "Remove every version of a stored workflow",
    description: "Runs that go on come to their end, and stay to be seen by pd runs.",
    params,
    answers: { 204: { description: "It is gone" } },
    async handle({ params: { workflow }, answer }) {
      if (!await registry.storage.removeWorkflow(workflow)) {
        const entry = registry.get(workflow);
        throw entry === undefined ? unknown(workflow) : notStored(workflow, entry.origin);
      }
      await registry.reload();
      return answer(204);
    },
  });
}

interface Origin {
  readonly kind: string;
  readonly place: string;
}

function unknown(name: string): CodedError {
  return new CodedError(
    "NOT_FOUND",
    `Cannot find "${name}" as a workflow: there is none of that name that this token may see`,
    { fix: "GET /api/v1/workflows lists those that are" },
  );
}

function notStored(name: string, { kind, place }: Origin): CodedError {
  return new CodedError(
    "NOT_FOUND",
    `Cannot remove "${name}" as a stored workflow: it comes from the ${kind} ${place}`,
    { fix: "Remove it there" },
  );
}

function taken(name: string, { kind, place }: Origin): CodedError {
  return new CodedError(
    "ALREADY_EXISTS",
    `Cannot store "${name}" under that name: it is that of the ${kind} ${place}`,
    { fix: `{"name": "${name}-2", "files": {...}}` },
  );
}
