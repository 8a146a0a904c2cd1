import assert from "node:assert/strict";
import { compile, sampleNode, sampleWorkflow } from "../compiler/mod.ts";
import { memoryTasks, type NodeCall, type NodeOutcome } from "../executor/mod.ts";
import type { ContainerNodeSpec, NodeSpec } from "../spec/mod.ts";
import { FakeContainers } from "./_fake_containers.ts";
import { errorOf } from "./_test_workflow.ts";
import { createNodeRunner } from "./create_node_runner.ts";
import type { NodeRunnerOptions } from "./workflow_runner.ts";

Deno.test("a container node is run by the containers, with its call and its spec", async () => {
  await using play = await Play.open([containerNode("it")]);
  const { containers } = play;
  const specs: ContainerNodeSpec[] = [];
  containers.runAnyNode = ({ input }, spec) => {
    specs.push(spec);
    return { status: "succeeded", output: [input] };
  };
  assert.deepEqual(await play.run("it"), { status: "succeeded", output: [{ n: 1 }] });
  assert.deepEqual(specs.map(({ id, image }) => [id, image]), [["it", "alpine"]]);
});

Deno.test("a workflow of container nodes alone starts no host, and opens containers with the first node", async () => {
  await using play = await Play.open([containerNode("it")], { prepare: linkAway });
  await play.runner.ready();
  assert.deepEqual([play.runner.stats().hosts, play.containers.opened], [0, 0]);
  await play.run("it");
  assert.deepEqual([play.runner.stats().hosts, play.containers.opened], [0, 1]);
});

Deno.test("containers that cannot be opened fail their node, and are tried again by the next", async () => {
  await using play = await Play.open([containerNode("it")], {
    containers: (open) => {
      let tries = 0;
      return () => ++tries === 1 ? Promise.reject(new TypeError("broken")) : open();
    },
  });
  await assert.rejects(play.run("it"), /broken/);
  assert.equal((await play.run("it")).status, "succeeded");
});

Deno.test("an engine without containers refuses their nodes at load, and sub-workflows in any case", async () => {
  const own: NodeSpec = { ...base("it"), kind: "workflow", workflow: "../other" };
  for (
    const [node, containers, message] of [
      [containerNode("it"), undefined, /it is a container node/],
      [own, new FakeContainers().open, /it is a sub-workflow node/],
    ] as const
  ) {
    await assert.rejects(Play.open([node], { containers: () => containers }), {
      code: "NOT_AVAILABLE",
      message,
    });
  }
});

Deno.test("a runner that is being closed opens no containers any more", async () => {
  const play = await Play.open([containerNode("it")]);
  await play[Symbol.asyncDispose]();
  assert.equal(errorOf(await play.run("it")).code, "NOT_AVAILABLE");
  assert.equal(play.containers.opened, 0);
});

/** A symlink that no workflow with code may have. */
function linkAway(dir: string): void {
  Deno.symlinkSync("/etc", `${dir}/away`);
}

function base(id: string) {
  const { description, timeoutMs, retry, allowFailure, onLost, config } = sampleNode(id);
  return { id, description, timeoutMs, retry, allowFailure, onLost, config };
}

function containerNode(id: string): ContainerNodeSpec {
  return {
    ...base(id),
    kind: "container",
    image: "alpine",
    command: { kind: "shell", script: "true" },
    env: {},
    workdir: undefined,
    user: undefined,
    limits: { cpu: undefined, memoryBytes: undefined },
    mounts: [],
    driver: undefined,
    pull: "missing",
  };
}

type Open = NodeRunnerOptions["containers"];

/** A runner over nodes without modules. */
class Play implements AsyncDisposable {
  readonly containers: FakeContainers;
  readonly runner: Awaited<ReturnType<typeof createNodeRunner>>;
  readonly #dir: string;
  readonly #nodes: readonly NodeCall["node"][];

  private constructor(
    containers: FakeContainers,
    runner: Awaited<ReturnType<typeof createNodeRunner>>,
    place: { readonly dir: string; readonly nodes: readonly NodeCall["node"][] },
  ) {
    this.containers = containers;
    this.runner = runner;
    this.#dir = place.dir;
    this.#nodes = place.nodes;
  }

  static async open(
    nodes: readonly NodeSpec[],
    { prepare, containers = (open) => open }: {
      prepare?(dir: string): void;
      containers?(open: FakeContainers["open"]): Open;
    } = {},
  ): Promise<Play> {
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-test-" }));
    prepare?.(dir);
    const fake = new FakeContainers();
    const { dag } = compile(sampleWorkflow(nodes, []));
    assert.ok(dag !== undefined);
    try {
      const runner = await createNodeRunner({
        workflowDir: dir,
        dag,
        secrets: {},
        secretFiles: [],
        http: { kind: "live" },
        containers: containers(fake.open),
        onWarning: () => {},
      });
      return new Play(fake, runner, { dir, nodes: dag.nodes });
    } catch (error) {
      await Deno.remove(dir, { recursive: true });
      throw error;
    }
  }

  run(id: string): Promise<NodeOutcome> {
    const node = this.#nodes.find((node) => node.id === id);
    assert.ok(node !== undefined);
    return this.runner.run({
      node,
      attempt: 1,
      input: { n: 1 },
      run: { id: "run-1", workflow: "test", version: "1.0", trigger: {} },
      signal: new AbortController().signal,
      exclusive: false,
      tasks: memoryTasks(),
      onBegin: () => {},
      onLog: () => {},
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner[Symbol.asyncDispose]();
    await Deno.remove(this.#dir, { recursive: true }).catch(() => {});
  }
}
