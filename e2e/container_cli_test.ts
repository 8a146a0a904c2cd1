/** Workflows with container nodes on the command line: real processes, on `native` and on a Docker daemon. */
import assert from "node:assert/strict";
import { BUSYBOX, DockerServer } from "./_docker_server.ts";
import { PipelinePlace } from "./_pipeline_place.ts";

const found = await DockerServer.find();
let server: DockerServer | undefined;
Deno.test.beforeAll(async () => {
  if (found.status === "ready") server = await DockerServer.start();
});
Deno.test.afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

function onEach(
  name: string,
  fn: (place: PipelinePlace, driver: string) => Promise<void>,
): void {
  for (const kind of ["native", "docker"] as const) {
    Deno.test({
      name: `${name}, on ${kind}`,
      ignore: kind === "docker" && found.status === "missing",
      async fn() {
        await using place = await PipelinePlace.open();
        await fn(place, kind === "docker" ? server?.address ?? "" : kind);
        if (kind === "docker") assert.deepEqual(await server?.left(), []);
      },
    });
  }
}

/** Code nodes around a container node. */
async function writeMixed(place: PipelinePlace, script: string): Promise<void> {
  await place.write(
    "flow/workflow.yaml",
    `name: mixed
version: "1.0"
nodes:
  first: { path: ./first.ts }
  middle:
    image: ${BUSYBOX}
    run: ${JSON.stringify(script)}
  last: { path: ./last.ts }
edges:
  - { from: first, to: middle }
  - { from: middle, to: last }
`,
  );
  await place.write("flow/first.ts", `export default () => ({ words: ["a", "žlutá"] });\n`);
  await place.write(
    "flow/last.ts",
    `export default (_: unknown, input: unknown) => ({ input });\n`,
  );
}

onEach("a container node stands between code nodes", async (place, driver) => {
  await writeMixed(place, `echo to stderr >&2; cat data.txt >&2; cat "$PD_INPUT_FILE"`);
  await place.write("data.txt", "from the current folder\n");
  const { code, stdout, stderr } = await place.pd(["run", "flow", "--driver", driver]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { input: { words: ["a", "žlutá"] } });
  assert.match(stderr, /\[middle\] .*from the current folder/);
});

onEach("pd run ends with the exit code of the node that failed", async (place, driver) => {
  await writeMixed(place, "echo so long >&2; exit 7");
  const text = await place.pd(["run", "flow", "--driver", driver]);
  assert.equal(text.code, 7);
  assert.equal(text.stdout, "");
  assert.match(text.stderr, /^error STEP_FAILED in node "middle"/m);
  const json = await place.pd(["run", "flow", "-o", "json"], { PD_DRIVER: driver });
  assert.equal(json.code, 7);
  assert.equal(JSON.parse(json.stdout).status, "failed");
});

onEach(
  "a stored workflow takes pd's flags anywhere, and runs from any folder",
  async (place, driver) => {
    await writeMixed(place, `echo '"done"' > "$PD_OUTPUT_FILE"`);
    const stored = await place.pd([
      "set-pipeline",
      "flow",
      "--name",
      "my-flow",
      "--driver",
      driver,
    ]);
    assert.equal(stored.code, 0, stored.stderr);
    await Deno.remove(`${place.cwd}/flow`, { recursive: true });
    const { code, stdout, stderr } = await place.pd(["run", "my-flow", "-i", "x=1", "-o", "json"]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout).outputs.last, { input: "done" });
  },
);

Deno.test("the driver is the flag's, then the stored one, then config.driver", async () => {
  await using place = await PipelinePlace.open({
    "flow/workflow.yaml": `name: where
version: "1.0"
nodes:
  only: { image: none, run: echo ran }
config: { driver: native }
`,
  });
  const ofConfig = await place.pd(["run", "flow"]);
  assert.equal(ofConfig.stdout.trim(), "ran", ofConfig.stderr);
  const socket = "docker:///nowhere/docker.sock";
  const stored = await place.pd(["set-pipeline", "flow", "--driver", socket]);
  assert.equal(stored.code, 0, stored.stderr);
  const ofStore = await place.pd(["run", "where"]);
  assert.equal(ofStore.code, 1);
  assert.match(ofStore.stderr, /DRIVER_UNAVAILABLE.*nowhere/);
  const ofFlag = await place.pd(["run", "where", "--driver=native"]);
  assert.equal(ofFlag.stdout.trim(), "ran", ofFlag.stderr);
});

Deno.test("pd doctor says which drivers answer", async () => {
  await using place = await PipelinePlace.open();
  const { stdout } = await place.pd(["doctor", "-o", "json"], {
    DOCKER_HOST: "unix:///nowhere/docker.sock",
  });
  const { checks } = JSON.parse(stdout);
  const status = (name: string) =>
    checks.find((check: { name: string }) => check.name === name)?.status;
  assert.equal(status("native"), "ok");
  assert.equal(status("docker"), "warn");
});

Deno.test("pd test and pd dev run containers on the driver that --driver names", async () => {
  await using place = await PipelinePlace.open();
  const driver = "docker:///nowhere/docker.sock";
  await place.write(
    "flow/workflow.yaml",
    `name: flow\nversion: "1.0"\nconfig: { driver: "${driver}" }\nnodes:\n  step: { image: "box:1", run: echo hi }\n`,
  );
  const elsewhere = await place.pd(["test", "flow", "--pipeline"]);
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.stdout + elsewhere.stderr, /DRIVER_UNAVAILABLE/);
  const { code, stdout, stderr } = await place.pd([
    "test",
    "flow",
    "--pipeline",
    "--driver",
    "native",
  ]);
  assert.equal(code, 0, stdout + stderr);
  const wrong = await place.pd(["test", "flow", "--driver", "natve"]);
  assert.match(wrong.stderr, /DRIVER_INVALID/);
  await using dev = place.start(["dev", "flow", "--port", "0", "--driver", "native"]);
  await dev.until(/http:\S+/);
  const url = /http:\S+/.exec(dev.stdout)?.[0];
  const answer = await fetch(`${url}/run`, { method: "POST" });
  assert.deepEqual((await answer.json()).outputs, { step: "hi" });
  dev.signal("SIGINT");
  assert.equal(await dev.code(), 0);
});
