import { packWorkspace } from "../../engine/workspace/mod.ts";
import { measurePair, type PairSample } from "../measure_pair.ts";
import type { ContainerPlace } from "./_containers.ts";

const OPTIONS = { warmUps: 1, samples: 5 };
const TOTAL_BYTES = 100_000_000;
const FILES = 10_000;
const FOLDERS = 100;

/** A workspace of one large file on its way into a volume, beside `tar` and `docker cp`. */
export async function copyOfOneFile(place: ContainerPlace): Promise<PairSample> {
  return await copyOf(place, async (dir) => {
    await Deno.writeFile(`${dir}/large`, noise(TOTAL_BYTES));
  });
}

/** The same, of many small ones. */
export async function copyOfFiles(place: ContainerPlace): Promise<PairSample> {
  return await copyOf(place, async (dir) => {
    for (let folder = 0; folder < FOLDERS; folder++) {
      await Deno.mkdir(`${dir}/folder-${folder}`);
      for (let file = 0; file < FILES / FOLDERS; file++) {
        await Deno.writeFile(`${dir}/folder-${folder}/file-${file}`, noise(TOTAL_BYTES / FILES));
      }
    }
  });
}

async function copyOf(
  { docker, driver, image }: ContainerPlace,
  fill: (dir: string) => Promise<void>,
): Promise<PairSample> {
  const dir = await Deno.makeTempDir();
  const runId = crypto.randomUUID();
  const name = "bench-copy";
  try {
    await fill(dir);
    // Each copy goes into a volume of its own: a file that is there already would be replaced.
    let copies = 0;
    let volume = await driver.createVolume({ runId, name: `copy-${copies}` });
    await docker.run("create", "--name", name, "-v", `${name}:/workspace`, image, "true");
    const sample = await measurePair({
      ours: () => driver.copyIn(volume, packWorkspace({ dir, include: [], ignore: [] })),
      raw: () => docker.shell(`tar -C '${dir}' -cf - . | docker cp - ${name}:/workspace`),
      async after() {
        await driver.removeVolume(volume);
        volume = await driver.createVolume({ runId, name: `copy-${++copies}` });
        await docker.run("rm", "--force", name);
        await docker.run("volume", "rm", name);
        await docker.run("create", "--name", name, "-v", `${name}:/workspace`, image, "true");
        // What one wrote is not to be written out while the other is measured.
        await new Deno.Command("sync").output();
      },
    }, OPTIONS);
    await docker.run("rm", "--force", name);
    return sample;
  } finally {
    await driver.endRun(runId);
    await Deno.remove(dir, { recursive: true });
  }
}

function noise(byteCount: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteCount);
  for (let at = 0; at < byteCount; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes;
}
