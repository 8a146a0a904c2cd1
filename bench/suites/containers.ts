import { BUSYBOX, DockerServer } from "../../e2e/_docker_server.ts";
import { openDriver } from "../../engine/drivers/mod.ts";
import type { PairSample } from "../measure_pair.ts";
import type { Row, Suite } from "../harness.ts";
import { copyOfFiles, copyOfOneFile } from "./_container_copies.ts";
import { firstStep, furtherCommand, furtherStep } from "./_container_steps.ts";
import { driverOptions, rawDocker } from "./_containers.ts";
import { echoOnNative, setPipeline } from "./_stored_pipeline.ts";

/** What containers cost, each beside Docker's own command line on the same daemon, in turns. */
export const suite: Suite = { name: "containers", measure: measureContainers };

async function measureContainers(): Promise<readonly Row[]> {
  const pipelines = [
    row("pd run echo on native", "deno run, empty", await echoOnNative(), { ms: 200 }),
    row("pd set-pipeline", "deno check", await setPipeline()),
  ];
  if ((await DockerServer.find()).status === "missing") return pipelines;
  await using server = await DockerServer.start();
  const docker = await rawDocker(server.socket);
  const dataDir = await Deno.makeTempDir();
  try {
    await using driver = await openDriver(server.address, driverOptions(dataDir));
    const place = { address: server.address, dataDir, docker, driver, image: BUSYBOX };
    return [
      row("the first step of a run", "docker run --rm", await firstStep(place), { plusMs: 15 }),
      row("a further step of a run", "docker run --rm", await furtherStep(place), { plusMs: 15 }),
      row("a further command of a node", "docker exec", await furtherCommand(place), {
        plusMs: 10,
      }),
      row("100 MB up, one file", "tar | docker cp", await copyOfOneFile(place), { times: 1.3 }),
      row("100 MB up, 10 000 files", "tar | docker cp", await copyOfFiles(place), { times: 1.3 }),
      ...pipelines,
    ];
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

function row(
  what: string,
  baseline: string,
  { ours, raw }: PairSample,
  allowed?: { readonly plusMs?: number; readonly times?: number; readonly ms?: number },
): Row {
  const { plusMs = 0, times = 1 } = allowed ?? {};
  const atMost = allowed?.ms ?? raw.median * times + plusMs;
  return {
    what,
    figure: ours.median,
    p90: ours.p90,
    unit: "ms",
    baseline: { what: baseline, figure: raw.median },
    ...(allowed === undefined ? {} : { target: { atMost } }),
  };
}
