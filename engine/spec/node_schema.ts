import * as z from "zod";
import {
  bytes,
  choice,
  count,
  described,
  dictionary,
  duration,
  flag,
  oneOrMany,
  text,
} from "./fields.ts";
import { hostFlaw } from "./host_pattern.ts";
import { modulePathFlaw } from "./module_path.ts";
import {
  argumentFlaw,
  cpuFlaw,
  driverFlaw,
  ENV_NAME,
  filePathFlaw,
  imageFlaw,
  secretNameFlaw,
} from "./text_rules.ts";

/** A node host needs about this much before it has done anything. */
export const MIN_NODE_MEMORY: number = 32 * 1024 ** 2;
/** What Linux can count to. */
const MAX_PIDS = 4_194_304;
const MIN_CONTAINER_MEMORY = 4 * 1024 ** 2;

function permissions(about: string) {
  const path = text({
    about: "A path, relative to the folder or absolute",
    example: "./data",
    check: filePathFlaw,
  });
  return described(
    z.strictObject({
      net: oneOrMany(
        "Hosts that the node may reach: a host, host:port, or * for any",
        text({ about: "A host, host:port, or *", example: "api.example.com", check: hostFlaw }),
      ).optional(),
      read: oneOrMany("Files and folders that it may read, beside its own folder", path).optional(),
      write: oneOrMany("Files and folders that it may write", path).optional(),
      secrets: oneOrMany(
        "Secrets that it sees: a service, or one key of it",
        text({ about: "service or service.key", example: "github.token", check: secretNameFlaw }),
      ).optional(),
    }),
    about,
    { examples: [{ net: ["api.example.com"] }] },
  );
}

function retry() {
  return described(
    z.strictObject({
      max_attempts: count("Attempts in all, the first one included. Default: 1 + retries", 5, {
        min: 1,
        max: 1_001,
      }).optional(),
      initial_interval: duration("Wait before the second attempt. Default: 100ms", "200ms")
        .optional(),
      backoff: described(
        z.number().min(1).max(100),
        "Factor from one wait to the next. Default: 2",
        { examples: [2], noun: "a number from 1 to 100" },
      ).optional(),
      max_interval: duration("Longest wait. Default: 30s", "10s").optional(),
      jitter: flag("Draw each wait evenly between 0 and its length. Default: true", true)
        .optional(),
    }),
    "When and how often a failed node is tried again",
    { examples: [{ max_attempts: 3 }] },
  );
}

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
    { max: 1_000 },
  ).optional(),
  retry: retry().optional(),
  allow_failure: flag("Let the run go on when this node fails. Default: false", true).optional(),
  on_lost: choice("When an attempt is lost through no fault of the node. Default: retry", [
    "retry",
    "fail",
  ]).optional(),
  config: dictionary("Laid over the workflow's config in this node's ctx.config", z.unknown())
    .optional(),
};

function code() {
  return described(
    z.strictObject({
      path: text({
        about: "TypeScript module of the node, relative to the workflow folder",
        example: "./nodes/fetch.ts",
        noun: "the path of a module",
        check: modulePathFlaw,
      }),
      ...common,
      permissions: permissions(
        "What the node may reach. Default: any host, its folder, writing /tmp, all secrets",
      ).optional(),
      capabilities: permissions("Another name for permissions").optional(),
      isolation: choice(
        "process runs the node in a process of its own rights, none inside the engine. Default: process",
        ["process", "none"],
      ).optional(),
      memory: bytes(
        "Resident memory that its process may use. Default: config.memory, else 512Mi",
        "512Mi",
        MIN_NODE_MEMORY,
      ).optional(),
      container: text({
        about: "Image in which ctx.process.run runs commands",
        example: "docker.io/library/node:22",
        check: imageFlaw,
      }).optional(),
    }),
    "A node in TypeScript",
  );
}

function containerKeys() {
  const mount = described(
    z.strictObject({
      name: text({ about: "Name of the volume; workdir is the run's workspace", example: "cache" }),
      path: text({ about: "Where it appears in the container", example: "/cache" }),
      read_only: flag("Refuse writing. Default: false", true).optional(),
    }),
    "A volume and its place in the container",
    { examples: [{ name: "cache", path: "/cache" }] },
  );
  const user = z.union([
    text({ about: "Name, or uid:gid", example: '"1000:1000"' }),
    described(z.int().min(0).max(4_294_967_295), "User id", { examples: [1000] }),
  ]);
  const cpu = z.union([
    text({ about: "Cores, or thousandths with m", example: "500m", check: cpuFlaw }),
    described(z.number().positive().max(1_024), "Cores", { noun: "a number above 0" }),
  ]);
  return {
    image: text({
      about: "Image of the container; not needed by the driver native",
      example: "docker.io/library/alpine:3",
      check: imageFlaw,
    }).optional(),
    ...common,
    env: dictionary(
      "Environment variables",
      text({ about: "Value of the variable", example: '"1"', check: argumentFlaw }),
      ENV_NAME,
    ).optional(),
    workdir: text({
      about: "Working directory. Default: the run's workspace",
      example: "/workspace",
    }).optional(),
    user: described(user, "User that the command runs as. Default: the image's", {
      examples: [1000],
    }).optional(),
    limits: described(
      z.strictObject({
        cpu: described(cpu, "Cores that it may use, such as 0.5 or 500m", { examples: [0.5] })
          .optional(),
        memory: bytes("Memory that it may use", "512Mi", MIN_CONTAINER_MEMORY).optional(),
        pids: count("Processes and threads that it may have at one time", 512, {
          min: 1,
          max: MAX_PIDS,
        }).optional(),
      }),
      "What the container may use at most",
      { examples: [{ cpu: 0.5, memory: "512Mi" }] },
    ).optional(),
    mounts: described(z.array(mount), "Volumes beside the workspace", {
      examples: [[{ name: "cache", path: "/cache" }]],
    }).optional(),
    driver: text({
      about: "Where the container runs: native, docker, k8s://… Default: the run's driver",
      example: "docker",
      check: driverFlaw,
    }).optional(),
    pull: choice("When the image is fetched. Default: missing", ["missing", "always", "never"])
      .optional(),
  };
}

function shell() {
  return described(
    z.strictObject({
      run: text({ about: "Shell script to run", example: "make test" }),
      ...containerKeys(),
    }),
    "A shell script in a container",
  );
}

function exec() {
  const argument = text({ about: "Program or argument", example: "make", check: argumentFlaw });
  return described(
    z.strictObject({
      command: described(z.array(argument).min(1), "Program and arguments", {
        examples: [["make", "test"]],
      }),
      ...containerKeys(),
    }),
    "A command in a container",
  );
}

function subworkflow() {
  return described(
    z.strictObject({
      workflow: text({ about: "Folder of the workflow to run", example: "../notify" }),
      ...common,
    }),
    "Another workflow as a node",
  );
}

/**
 * The four kinds of node, by the key that makes a node one of them. Each is made when a file first has it:
 * start-up pays for no other.
 */
export const NODE_KINDS = {
  path: z.lazy(code),
  run: z.lazy(shell),
  command: z.lazy(exec),
  workflow: z.lazy(subworkflow),
};

/** One value of `nodes`. */
export const nodeSchema = z.union([
  NODE_KINDS.path,
  NODE_KINDS.run,
  NODE_KINDS.command,
  NODE_KINDS.workflow,
]);

/** Every key that some node may have, for a node that is of no kind or of two. */
export const anyNodeSchema = z.lazy(() =>
  z.strictObject({
    ...NODE_KINDS.path._zod.innerType.partial().shape,
    ...NODE_KINDS.run._zod.innerType.partial().shape,
    ...NODE_KINDS.command._zod.innerType.partial().shape,
    ...NODE_KINDS.workflow._zod.innerType.partial().shape,
  })
);
