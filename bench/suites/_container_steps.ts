import { sampleNode } from "../../engine/compiler/mod.ts";
import { type Containers, openContainers } from "../../engine/containers/mod.ts";
import { createRedactor } from "../../engine/context/mod.ts";
import { memoryTasks, type NodeCall } from "../../engine/executor/mod.ts";
import type { CodeNodeSpec, ContainerNodeSpec, NodeSpec } from "../../engine/spec/mod.ts";
import { measurePair, type PairSample } from "../measure_pair.ts";
import type { ContainerPlace } from "./_containers.ts";

const OPTIONS = { warmUps: 3, samples: 15 };
/** What the program of a step is, for the raw command. */
const SHELL = ["sh", "-ec", "true"];

/** A run of one step, with the making of its workspace, beside a container that runs the same program. */
export async function firstStep(place: ContainerPlace): Promise<PairSample> {
  await using containers = open(place);
  let runs = 0;
  return await measurePair({
    ours: () => step(containers, place, `first-${runs++}`),
    raw: () => place.docker.run("run", "--rm", place.image, ...SHELL),
    after: () => containers.endRun(`first-${runs - 1}`),
  }, OPTIONS);
}

/** A step of a run that has a workspace, beside a container that mounts a volume. */
export async function furtherStep(place: ContainerPlace): Promise<PairSample> {
  await using containers = open(place);
  await step(containers, place, "further");
  let steps = 0;
  return await measurePair({
    ours: () => step(containers, place, "further", ++steps),
    raw: () => place.docker.run("run", "--rm", "-v", "raw:/workspace", place.image, ...SHELL),
  }, OPTIONS);
}

/** `ctx.process.run` in the container that its node keeps, beside a command in a container that runs. */
export async function furtherCommand(place: ContainerPlace): Promise<PairSample> {
  await using containers = open(place);
  const call = callOf("commands", codeNode(place));
  const over = new AbortController();
  const { docker, image } = place;
  const name = "bench-kept";
  await docker.run("run", "--detach", "--init", "--name", name, image, "sleep", "1000");
  const params = { command: "true", args: [], env: {}, stdoutLevel: "info", stderrLevel: "warn" };
  try {
    return await measurePair({
      ours: () =>
        containers.ask(
          call,
          { method: "process.run", params, signal: over.signal },
          () => undefined,
        ),
      raw: () => docker.run("exec", name, "true"),
    }, OPTIONS);
  } finally {
    over.abort();
    await docker.run("rm", "--force", name);
  }
}

function open({ address, dataDir, image }: ContainerPlace): Containers {
  return openContainers({
    driver: address,
    workflowDir: dataDir,
    dataDir,
    config: { container: image },
    secrets: {},
    redactor: createRedactor({}),
    onWarning(message) {
      throw new Error(message);
    },
  });
}

async function step(
  containers: Containers,
  { image }: ContainerPlace,
  runId: string,
  attempt = 1,
): Promise<void> {
  const spec = containerNode(image);
  const outcome = await containers.runNode({ ...callOf(runId, spec), attempt }, spec);
  if (outcome.status !== "succeeded") throw new Error(JSON.stringify(outcome));
}

function containerNode(image: string): ContainerNodeSpec {
  const { id, description, timeoutMs, retry, allowFailure, onLost, config } = sampleNode("step");
  return {
    ...{ kind: "container", id, description, timeoutMs, retry, allowFailure, onLost, config },
    image,
    command: { kind: "shell", script: "true" },
    env: {},
    workdir: undefined,
    user: undefined,
    limits: { cpu: undefined, memoryBytes: undefined },
    mounts: [],
    driver: undefined,
    pull: "never",
  };
}

function codeNode({ image }: ContainerPlace): CodeNodeSpec {
  return { ...sampleNode("commands"), container: image };
}

function callOf(runId: string, spec: NodeSpec): NodeCall {
  return {
    node: { id: spec.id, index: 0, stage: 0, spec, dependencies: [], dependents: [] },
    attempt: 1,
    input: {},
    run: { id: runId, workflow: "bench", version: "1.0", trigger: { type: "manual" } },
    signal: new AbortController().signal,
    exclusive: false,
    tasks: memoryTasks(),
    onBegin() {},
    onLog() {},
  };
}
