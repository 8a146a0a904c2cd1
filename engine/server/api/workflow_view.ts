import { z } from "zod";
import type { JsonObject } from "../../json/mod.ts";
import type { RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import type { NodeSpec, WorkflowSpec } from "../../spec/mod.ts";
import type { RunSummary } from "../../workflow/mod.ts";
import type { Shown } from "./api_route.ts";
import { runLine } from "./run_line.ts";
import { json, runSummary } from "./schemas.ts";

const origin = z.object({
  kind: z.enum(["folder", "stored", "pipelines", "repository"]),
  place: z.string(),
}).meta({ id: "Origin" });

/** A queue in figures. */
export const queueFigures = z.object({
  running: z.int(),
  waiting: z.int(),
  concurrency: z.int().nullable().meta({ description: "null for any number" }),
  limit: z.int().nullable().meta({ description: "Runs that wait at most; null for any number" }),
  strategy: z.enum(["append", "replace", "partitioned_replace"]),
}).meta({ id: "QueueFigures" });

/** One line of the list of workflows. */
export const workflowLine = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string().nullable(),
  origin,
  queue: queueFigures,
  lastRuns: z.array(runSummary).meta({ description: "Newest first" }),
}).meta({ id: "WorkflowSummary" });

const input = z.object({
  type: z.enum(["string", "number", "integer", "boolean", "array", "object"]),
  description: z.string().nullable(),
  default: json.optional(),
  enum: z.array(json).optional(),
  required: z.boolean(),
}).meta({ id: "Input" });

/** What could not be loaded. */
export const registryProblem = z.object({ place: z.string(), message: z.string() })
  .meta({ id: "RegistryProblem" });

/** A workflow with what it is made of. */
export const workflowDetails = workflowLine.extend({
  revision: z.int().meta({ description: "1 when it was opened, one more with each reload" }),
  inputs: z.record(z.string(), input),
  nodes: z.array(z.object({
    id: z.string(),
    kind: z.enum(["code", "container", "script", "workflow"]),
    description: z.string().nullable(),
    stage: z.int(),
    dependsOn: z.array(z.string()),
  })).meta({ description: "In order of execution" }),
  stages: z.array(z.array(z.string())),
  triggers: z.array(z.looseObject({ type: z.string() })),
  spec: json.meta({
    description: "All of it, every default filled in; values of variables are left out",
  }),
  problems: z.array(registryProblem),
}).meta({ id: "Workflow" });

/** A workflow as a line of a list. */
export function lineOf(
  entry: RegisteredWorkflow,
  runs: readonly RunSummary[],
): Shown<typeof workflowLine> {
  const { name, origin: { kind, place }, workflow } = entry;
  const { spec } = workflow.current;
  return {
    name,
    version: spec.version,
    description: spec.description === undefined ? null : workflow.redactor.text(spec.description),
    origin: { kind, place },
    queue: figuresOf(workflow),
    lastRuns: runs.map((run) => runLine(entry, run)),
  };
}

/** How much goes on and waits. */
export function figuresOf(
  workflow: RegisteredWorkflow["workflow"],
): Shown<typeof queueFigures> {
  const { activeRuns, queuedRuns } = workflow.stats();
  const { concurrency, limit, strategy } = workflow.current.spec.config.queue;
  return {
    running: activeRuns,
    waiting: queuedRuns,
    concurrency: concurrency ?? null,
    limit: limit ?? null,
    strategy,
  };
}

/** A workflow with all that is known of it. Redacted. */
export function workflowDetailsOf(
  entry: RegisteredWorkflow,
  { registry, runs }: {
    readonly registry: Pick<Registry, "problems">;
    readonly runs: readonly RunSummary[];
  },
): Shown<typeof workflowDetails> {
  const { workflow, origin: { place } } = entry;
  const { spec, dag, diagnostics, version } = workflow.current;
  const ids = dag.nodes.map(({ id }) => id);
  const shown = {
    inputs: Object.fromEntries(
      Object.entries(spec.inputs).map((
        [name, { description, ...rest }],
      ) => [name, { ...rest, description: description ?? null }]),
    ),
    nodes: dag.nodes.map(({ id, stage, dependencies, spec: { kind, description } }) => ({
      id,
      kind,
      description: description ?? null,
      stage,
      dependsOn: dependencies.map((at) => ids[at] ?? ""),
    })),
    triggers: spec.triggers,
    spec: withoutValues(spec),
    problems: [
      ...registry.problems().filter((problem) => problem.place === place),
      ...diagnostics.map(({ message }) => ({ place: workflow.file, message })),
    ],
  };
  // Through text: what is undefined is left out, and the redactor sees plain JSON.
  const plain = workflow.redact(JSON.parse(JSON.stringify(shown))) as typeof shown & JsonObject;
  return {
    ...lineOf(entry, runs),
    ...plain,
    triggers: plain.triggers.map((trigger) => ({ ...trigger })),
    revision: version,
    stages: dag.stages.map((stage) => stage.map((at) => ids[at] ?? "")),
  };
}

/** Variables often hold what should have been a secret. */
function withoutValues(spec: WorkflowSpec): WorkflowSpec {
  const { onError } = spec;
  return {
    ...spec,
    nodes: spec.nodes.map(withoutEnv),
    ...onError === undefined ? {} : { onError: withoutEnv(onError) },
  };
}

function withoutEnv<Spec extends NodeSpec>(node: Spec): Spec {
  if (node.kind !== "container" && node.kind !== "script") return node;
  return { ...node, env: Object.fromEntries(Object.keys(node.env).map((name) => [name, "…"])) };
}
