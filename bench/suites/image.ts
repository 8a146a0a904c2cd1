import { loadBuildTools } from "../../builder/mod.ts";
import { importBaseImage } from "../../e2e/_base_image.ts";
import { DockerServer } from "../../e2e/_docker_server.ts";
import { type Row, type Suite, summarize } from "../harness.ts";

/** What an image costs: to bundle, to carry, to start, to keep. Needs root, as Docker does. */
export const suite: Suite = { name: "image", measure: measureImage };

const EXAMPLE = new URL("../../examples/hn-digest", import.meta.url).pathname;
const MEBIBYTE = 1024 ** 2;
const RUNS = 5;
const LOCKED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

async function measureImage(): Promise<readonly Row[]> {
  const tools = await loadBuildTools();
  const bundling: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const startedAt = performance.now();
    await tools.bundleWorkflow(EXAMPLE);
    bundling.push(performance.now() - startedAt);
  }
  const bundled = summarize(bundling);
  const rows: Row[] = [{
    what: "bundle hn-digest",
    figure: bundled.median,
    p90: bundled.p90,
    unit: "ms",
    target: { atMost: 1_500 },
  }];
  const docker = await DockerServer.find();
  if (docker.status === "missing") return rows;
  await using server = await DockerServer.start();
  await importBaseImage(server);
  const program = `${server.folder}/docker`;
  await Deno.writeTextFile(
    program,
    `#!/bin/sh\nexec docker -H unix://${server.socket} "$@"\n`,
    { mode: 0o755 },
  );
  const bundle = await tools.bundleWorkflow(EXAMPLE);
  const image = await tools.buildImage({ bundle, tag: "hn-digest:1.0", engine: "docker", program });
  rows.push({
    what: "on top of the base",
    figure: image.layerBytes / MEBIBYTE,
    unit: "MB",
    target: { atMost: 3 },
  });
  const starts: number[] = [];
  const memory: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const { healthyMs, idleMb } = await startOnce(server);
    starts.push(healthyMs);
    memory.push(idleMb);
  }
  const healthy = summarize(starts);
  return [...rows, {
    what: "container started to healthy",
    figure: healthy.median,
    p90: healthy.p90,
    unit: "ms",
    target: { atMost: 400 },
  }, {
    what: "idle, all processes",
    figure: summarize(memory).median,
    unit: "MB",
    target: { atMost: 130 },
  }];
}

async function startOnce(
  server: DockerServer,
): Promise<{ readonly healthyMs: number; readonly idleMb: number }> {
  const flags = [...LOCKED, "--memory", "256m", "--tmpfs", "/tmp", "--network", "none"];
  const id = await server.docker("run", "--detach", ...flags, "hn-digest:1.0");
  try {
    const state = await server.docker("inspect", "-f", "{{.State.Pid}} {{.State.StartedAt}}", id);
    const [pid = "", startedAt = ""] = state.split(" ");
    let healthyMs = NaN;
    for (let tries = 0; tries < 500 && Number.isNaN(healthyMs); tries++) {
      const { success } = await new Deno.Command("nsenter", {
        args: ["-t", pid, "-n", "curl", "-sf", "http://127.0.0.1:8080/health"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) healthyMs = Date.now() - Date.parse(startedAt);
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const stats = await server.docker("stats", "--no-stream", "--format", "{{.MemUsage}}", id);
    return { healthyMs, idleMb: Number.parseFloat(stats) };
  } finally {
    await server.docker("rm", "--force", id);
  }
}
