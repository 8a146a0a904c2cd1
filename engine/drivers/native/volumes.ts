import type { Volume } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import type { OpenDriverOptions } from "../open_options.ts";

/** Says in the folder of a driver whose it is. */
export const OWNER_FILE = "owner.json";
/** Where programs of a run have their home; no volume is called so. */
const HOME_DIR = ".home";
const TEMP_DIR = ".tmp";

/** Where all native drivers of this user keep their volumes. */
export function volumesDir(options: { readonly dataDir: string; readonly cwd: string }): string {
  const dir = options.dataDir.startsWith("/")
    ? options.dataDir
    : `${options.cwd}/${options.dataDir}`;
  return `${dir.replace(/\/+$/, "")}/volumes`;
}

/** The folders of one run. */
export interface RunDir {
  readonly path: string;
  readonly home: string;
  readonly temp: string;
}

/**
 * The folders of one driver: `volumes/<driver>/<run>/<name>`, all for their owner alone. They are made when
 * they are needed first.
 */
export class Volumes implements AsyncDisposable {
  readonly #options: OpenDriverOptions;
  readonly #instance = crypto.randomUUID();
  readonly #runs = new Map<string, Promise<RunDir>>();
  #made: Promise<void> | undefined;

  constructor(options: OpenDriverOptions) {
    this.#options = options;
  }

  /** The folder of this driver. */
  get path(): string {
    return `${volumesDir(this.#options)}/${this.#instance}`;
  }

  /** The marker of the processes of one task or sandbox, or what those of a whole run begin with. */
  markerOf(runId: string, id?: string): string {
    const run = `${this.#instance}/${encodeURIComponent(runId)}/`;
    return id === undefined ? run : `${run}${encodeURIComponent(id)}/`;
  }

  /** The folders of a run that has any. */
  async runDir(runId: string): Promise<RunDir | undefined> {
    return await this.#runs.get(runId)?.catch(() => undefined);
  }

  /** The folders of a run, made unless they are there. */
  async makeRunDir(runId: string): Promise<RunDir> {
    let run = this.#runs.get(runId);
    if (run === undefined) {
      run = this.#makeRun(runId);
      this.#runs.set(runId, run);
    }
    return await run;
  }

  async create(runId: string, name: string): Promise<Volume> {
    if (name === "") {
      throw new DriverError("TASK_INVALID", "Cannot make a volume as it has no name");
    }
    const { path } = await this.makeRunDir(runId);
    const hostPath = `${path}/${folderName(name)}`;
    await Deno.mkdir(hostPath, { mode: 0o700, recursive: true });
    return { id: hostPath, runId, name, hostPath };
  }

  /** The folder of a volume of this driver. */
  pathOf(volume: Volume): string {
    // Whoever hands in a volume does not choose which folder of the machine is read or removed.
    if (volume.id.startsWith(`${this.path}/`) && !volume.id.includes("/../")) return volume.id;
    throw new DriverError(
      "TASK_INVALID",
      `Cannot use volume "${volume.name}" as it belongs to another driver`,
    );
  }

  async remove(volume: Volume): Promise<void> {
    await removeDir(this.pathOf(volume));
  }

  async removeRun(runId: string): Promise<void> {
    const run = await this.runDir(runId);
    this.#runs.delete(runId);
    if (run !== undefined) await removeDir(run.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#made === undefined) return;
    await this.#made.catch(() => {});
    await removeDir(this.path);
  }

  async #makeRun(runId: string): Promise<RunDir> {
    await (this.#made ??= this.#makeOwn());
    const path = `${this.path}/${folderName(runId)}`;
    const run = { path, home: `${path}/${HOME_DIR}`, temp: `${path}/${TEMP_DIR}` };
    await Deno.mkdir(run.home, { recursive: true, mode: 0o700 });
    await Deno.mkdir(run.temp, { mode: 0o700 });
    return run;
  }

  async #makeOwn(): Promise<void> {
    try {
      await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
      await Deno.writeTextFile(
        `${this.path}/${OWNER_FILE}`,
        JSON.stringify(this.#options.owner),
        { mode: 0o600 },
      );
    } catch (cause) {
      this.#made = undefined;
      throw new DriverError(
        "DRIVER_UNAVAILABLE",
        `Cannot use driver "native" as its volumes are folders: "${
          volumesDir(this.#options)
        }" cannot be made`,
        { fix: "PD_DATA_DIR=/path/to/a/folder/of/yours", cause },
      );
    }
  }
}

/** A name as that of a folder: without slashes, and never with a dot in front. */
function folderName(name: string): string {
  const encoded = encodeURIComponent(name).replaceAll("*", "%2A").replace(/^\./, "%2E");
  if (encoded.length <= 200) return encoded;
  throw new DriverError(
    "TASK_INVALID",
    `Cannot name a folder as names have at most 200 bytes: "${name.slice(0, 40)}…" has more`,
  );
}

/** Also what a step left without the right to write. */
async function removeDir(dir: string): Promise<void> {
  try {
    await Deno.remove(dir, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    await openUp(dir);
    await Deno.remove(dir, { recursive: true }).catch((again) => {
      if (!(again instanceof Deno.errors.NotFound)) throw again;
    });
  }
}

async function openUp(dir: string): Promise<void> {
  await Deno.chmod(dir, 0o700).catch(() => {});
  for await (const entry of Deno.readDir(dir)) {
    if (entry.isDirectory) await openUp(`${dir}/${entry.name}`);
  }
}
