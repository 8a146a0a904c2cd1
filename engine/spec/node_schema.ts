import * as z from "zod";
import { bytes, choice, count, dictionary, duration, flag, oneOrMany, text } from "./fields.ts";
import { hostFlaw } from "./host_pattern.ts";
import { modulePathFlaw } from "./module_path.ts";
import {
  cpuFlaw,
  driverFlaw,
  ENV_NAME,
  filePathFlaw,
  imageFlaw,
  secretNameFlaw,
} from "./text_rules.ts";

/** A node host needs about this much before it has done anything. */
const MIN_NODE_MEMORY = 32 * 1024 ** 2;
const MIN_CONTAINER_MEMORY = 4 * 1024 ** 2;

const permissions = z.strictObject({
  net: oneOrMany(
    "Hosts that the node may reach: a host, host:port, or * for any",
    text({ about: "A host, host:port, or *", example: "api.example.com", check: hostFlaw }),
  ).optional(),
  read: oneOrMany(
    "Files and folders that it may read, beside its own folder",
    text({
      about: "A path, relative to the folder or absolute",
      example: "./data",
      check: filePathFlaw,
    }),
  ).optional(),
  write: oneOrMany(
    "Files and folders that it may write",
    text({
      about: "A path, relative to the folder or absolute",
      example: "./out",
      check: filePathFlaw,
    }),
  ).optional(),
  secrets: oneOrMany(
    "Secrets that it sees: a service, or one key of it",
    text({ about: "service or service.key", example: "github.token", check: secretNameFlaw }),
  ).optional(),
});

const retry = z.strictObject({
  max_attempts: count("Attempts in all, the first one included. Default: 1 + retries", 5, {
    min: 1,
    max: 1_001,
  }).optional(),
  initial_interval: duration("Wait before the second attempt. Default: 100ms", "200ms").optional(),
  backoff: z.number().min(1).max(100).meta({
    description: "Factor from one wait to the next. Default: 2",
    examples: [2],
  }).optional(),
  max_interval: duration("Longest wait. Default: 30s", "10s").optional(),
  jitter: flag("Draw each wait evenly between 0 and its length. Default: true", true).optional(),
}).meta({ description: "When and how often a failed node is tried again" });

const common = {
  description: text({ about: "What the node does", example: "Fetch the top stories" }).optional(),
  depends_on: oneOrMany(
    "Nodes that must be done first; the same as edges to this node",
    text({ about: "Id of a node", example: "fetch" }),
  ).optional(),
  timeout: duration("Longest time of one attempt. Default: config.timeout, else 30s", "20s", {
    min: 1,
  }).optional(),
  retries: count(
    "Retries after the first attempt; short for retry. Default: config.retries, else 0",
    2,
    {
      max: 1_000,
    },
  ).optional(),
  retry: retry.optional(),
  allow_failure: flag("Let the run go on when this node fails. Default: false", true).optional(),
  on_lost: choice("When an attempt is lost through no fault of the node. Default: retry", [
    "retry",
    "fail",
  ]).optional(),
  config: dictionary("Laid over the workflow's config in this node's ctx.config", z.unknown())
    .optional(),
};

const code = z.strictObject({
  path: text({
    about: "TypeScript module of the node, relative to the workflow folder",
    example: "./nodes/fetch.ts",
    noun: "the path of a module",
    check: modulePathFlaw,
  }),
  ...common,
  permissions: permissions.meta({
    description:
      "What the node may reach. Default: any host, its folder, writing /tmp, all secrets",
  }).optional(),
  capabilities: permissions.meta({ description: "Another name for permissions" }).optional(),
  isolation: choice(
    "process runs the node in a process of its own rights; none inside the engine",
    [
      "process",
      "none",
    ],
  ).optional(),
  memory: bytes(
    "Resident memory that its process may use. Default: config.memory, else 512Mi",
    "512Mi",
    MIN_NODE_MEMORY,
  )
    .optional(),
  container: text({
    about: "Image in which ctx.process.run runs commands",
    example: "docker.io/library/node:22",
    check: imageFlaw,
  }).optional(),
}).meta({ description: "A node in TypeScript" });

const mount = z.strictObject({
  name: text({ about: "Name of the volume; workdir is the run's workspace", example: "cache" }),
  path: text({ about: "Where it appears in the container", example: "/cache" }),
  read_only: flag("Refuse writing. Default: false", true).optional(),
}).meta({ description: "A volume and its place in the container" });

const containerKeys = {
  image: text({
    about: "Image of the container; not needed by the driver native",
    example: "docker.io/library/alpine:3",
    check: imageFlaw,
  }).optional(),
  ...common,
  env: dictionary(
    "Environment variables",
    text({ about: "Value of the variable", example: '"1"', check: noFlaw }),
    ENV_NAME,
  ).optional(),
  workdir: text({
    about: "Working directory. Default: the run's workspace",
    example: "/workspace",
  }).optional(),
  user: z.union([
    text({ about: "Name, or uid:gid", example: '"1000:1000"' }),
    z.int().min(0).max(4_294_967_295).meta({ description: "User id", examples: [1000] }),
  ]).meta({ description: "User that the command runs as. Default: the image's" }).optional(),
  limits: z.strictObject({
    cpu: z.union([
      text({ about: "Cores, or thousandths with m", example: "500m", check: cpuFlaw }),
      z.number().positive().max(1_024).meta({ description: "Cores", examples: [0.5] }),
    ]).meta({ description: "Cores that it may use, such as 0.5 or 500m", examples: [0.5] })
      .optional(),
    memory: bytes("Memory that it may use", "512Mi", MIN_CONTAINER_MEMORY).optional(),
  }).meta({ description: "What the container may use at most" }).optional(),
  mounts: z.array(mount).meta({ description: "Volumes beside the workspace" }).optional(),
  driver: text({
    about: "Where the container runs: native, docker, k8s://… Default: the run's driver",
    example: "docker",
    check: driverFlaw,
  }).optional(),
  pull: choice("When the image is fetched. Default: missing", ["always", "missing", "never"])
    .optional(),
};

const shell = z.strictObject({
  run: text({ about: "Shell script to run", example: "make test" }),
  ...containerKeys,
}).meta({ description: "A shell script in a container" });

const exec = z.strictObject({
  command: z.array(text({ about: "Program or argument", example: "make", check: noNul })).min(1)
    .meta({ description: "Program and arguments", examples: [["make", "test"]] }),
  ...containerKeys,
}).meta({ description: "A command in a container" });

const subworkflow = z.strictObject({
  workflow: text({ about: "Folder of the workflow to run", example: "../notify" }),
  ...common,
}).meta({ description: "Another workflow as a node" });

/** The four kinds of node, by the key that makes a node one of them. */
export const NODE_KINDS = { path: code, run: shell, command: exec, workflow: subworkflow };

/** One value of `nodes`. */
export const nodeSchema = z.union([code, shell, exec, subworkflow]);

/** Every key that some node may have, for a node that is of no kind or of two. */
export const anyNodeSchema = z.strictObject({
  ...code.partial().shape,
  ...shell.partial().shape,
  ...exec.partial().shape,
  ...subworkflow.partial().shape,
});

function noFlaw(): undefined {
  return undefined;
}

function noNul(value: string): ReturnType<typeof filePathFlaw> {
  if (!value.includes("\0")) return undefined;
  return {
    code: "SPEC_VALUE",
    rule: "an argument has no NUL character",
    state: "this one has",
    fix: { say: "Remove \\0" },
  };
}
