import * as z from "zod";
import { bytes, choice, count, described, dictionary, duration, flag, text } from "./fields.ts";
import { MIN_NODE_MEMORY, nodeSchema } from "./node_schema.ts";
import {
  driverFlaw,
  imageFlaw,
  INPUT_NAME,
  natsUrlFlaw,
  NODE_ID,
  SERVICE_NAME,
  urlFlaw,
  VERSION,
  versionFlaw,
  WORKFLOW_NAME,
  workflowNameFlaw,
} from "./text_rules.ts";
import { triggerSchema } from "./trigger_schema.ts";

function input() {
  return described(
    z.strictObject({
      type: choice("Type of the value. Default: string", [
        "string",
        "number",
        "integer",
        "boolean",
        "array",
        "object",
      ]).optional(),
      description: text({ about: "Shown in the form and in the help", example: "What to look for" })
        .optional(),
      default: described(z.unknown(), "Value when none is given").optional(),
      enum: described(z.array(z.unknown()).min(1), "The values that are allowed").optional(),
      required: flag("Whether it must be given, whatever its default. Default: false", true)
        .optional(),
    }),
    "One input: checked for every trigger, and a flag of pd run",
    { examples: [{ type: "string" }] },
  );
}

function service() {
  return described(
    z.strictObject({
      url: text({
        about: "Absolute URL that ctx.fetch puts in front of its path",
        example: "https://api.example.com",
        noun: "an absolute URL",
        check: (value) => urlFlaw(value, ["https", "http"], "https://api.example.com"),
      }),
    }),
    "What ctx.fetch(<name>, …) reaches",
    { examples: [{ url: "https://api.example.com" }] },
  );
}

const edge = described(
  z.strictObject({
    from: text({ about: "Node that comes first", example: "fetch" }),
    to: text({ about: "Node that gets its output", example: "render" }),
  }),
  "from is done before to starts, and its output is the input of to",
  { examples: [{ from: "fetch", to: "render" }] },
);

function config() {
  const stage = described(
    z.strictObject({
      stage: count("Which one, as pd visualize counts them: 1 holds the roots", 2, { min: 1 }),
      container: text({
        about: "Image of its nodes that name none",
        example: "docker.io/library/alpine:3",
        check: imageFlaw,
      }),
    }),
    "One stage, by its number",
    { examples: [{ stage: 2, container: "docker.io/library/alpine:3" }] },
  );
  const retention = z.strictObject({
    period: duration("How long finished runs are kept. Default: 720h", "720h", {
      min: 1_000,
      max: Number.MAX_SAFE_INTEGER,
    }).optional(),
    count: count("How many finished runs are kept", 1_000, { min: 1, max: 1_000_000_000 })
      .optional(),
  });
  return described(
    z.looseObject({
      timeout: duration("Longest time of one attempt of a node. Default: 30s", "30s", { min: 1 })
        .optional(),
      retries: count("Retries after the first attempt. Default: 0", 2, { max: 1_000 }).optional(),
      execution: choice(
        "staged runs stage after stage; eager starts a node as soon as its own dependencies are done",
        ["staged", "eager"],
      ).optional(),
      fail_fast: flag(
        "Whether a failed node stops the run. false: only what depends on it. Default: true",
        false,
      ).optional(),
      max_output: bytes("Largest output of a node as JSON. Default: 16Mi", "16Mi", 1).optional(),
      memory: bytes("Resident memory of a node's process. Default: 512Mi", "512Mi", MIN_NODE_MEMORY)
        .optional(),
      driver: text({
        about: "Where containers run: native, docker, k8s://… Default: docker",
        example: "docker",
        check: driverFlaw,
      }).optional(),
      container: text({
        about: "Image of whatever runs in a container and names none",
        example: "docker.io/library/alpine:3",
        check: imageFlaw,
      }).optional(),
      stages: described(z.array(stage), "What the nodes of a stage have in common", {
        examples: [[{ stage: 2, container: "docker.io/library/alpine:3" }]],
      }).optional(),
      nats_url: text({
        about: "NATS server of the queue triggers",
        example: "nats://127.0.0.1:4222",
        noun: "the URL of a NATS server",
        check: natsUrlFlaw,
      }).optional(),
      nats_ca: text({
        about: "PEM file of the authority that signed the certificate of the NATS server",
        example: "./ca.pem",
      }).optional(),
      nats_create: flag("Create a JetStream stream that is not there. Default: false", true)
        .optional(),
      cron: choice("Who keeps the schedule in a cluster. Default: cronjob", ["cronjob", "engine"])
        .optional(),
      concurrency: count("Most runs at the same time. Default: no limit", 1, { min: 1 }).optional(),
      queue_limit: count("Most runs that wait; 0 refuses while busy. Default: no limit", 100)
        .optional(),
      queue_strategy: choice("What happens to a run that has to wait. Default: append", [
        "append",
        "replace",
        "partitioned_replace",
      ]).optional(),
      queue_partition_limit: count("Most runs that wait in one partition. Default: 1", 1, {
        min: 1,
      }).optional(),
      queue_key: text({
        about: "Where the partition of a run stands in its input, as a dotted path",
        example: "customer",
      }).optional(),
      interrupt: flag("A run that has to wait also cancels one that runs. Default: false", true)
        .optional(),
      start_delay: duration("How long every run waits before it starts. Default: 0s", "10s")
        .optional(),
      retention: described(retention, "Which finished runs are kept", {
        examples: [{ period: "720h", count: 1_000 }],
      }).optional(),
    }),
    "Settings of the engine; any other key is kept too. All of it reaches ctx.config",
  );
}

/** The shape of workflow.yaml: the one source of its types, its checks and its JSON Schema. */
export const workflowSchema = z.strictObject({
  name: text({
    about: "Kebab-case, at most 63 characters; 47 with a cron trigger",
    example: "my-workflow",
    noun: "a kebab-case name",
    pattern: WORKFLOW_NAME.source,
    check: workflowNameFlaw,
  }),
  version: text({
    about: "X.Y or a semantic version, in quotes",
    example: '"1.0"',
    noun: "a version in quotes",
    pattern: VERSION.source,
    check: versionFlaw,
  }),
  description: text({ about: "What the workflow is for", example: "Fetch the top stories" })
    .optional(),
  triggers: described(z.array(triggerSchema), "What starts a run. Default: by hand", {
    examples: [[{ type: "manual" }]],
  }).optional(),
  inputs: dictionary("Inputs of the workflow, by name", z.lazy(input), INPUT_NAME).optional(),
  services: dictionary("Services of ctx.fetch, by name", z.lazy(service), SERVICE_NAME).optional(),
  nodes: dictionary("The steps, by id", nodeSchema, NODE_ID),
  edges: described(z.array(edge), "Order and flow of data between nodes", {
    examples: [[{ from: "fetch", to: "render" }]],
  }).optional(),
  config: z.lazy(config).optional(),
});

/** workflow.yaml as written, once it follows the schema. */
export type WorkflowFile = z.infer<typeof workflowSchema>;
