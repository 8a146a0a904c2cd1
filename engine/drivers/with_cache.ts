import { type CacheStore, openCacheStore } from "../workspace/mod.ts";
import { type Driver, type Volume, WORKSPACE_VOLUME } from "./driver.ts";
import type { OpenDriverOptions } from "./open_options.ts";

/** How volumes are kept. */
export interface WithCacheOptions {
  /** Whose volumes they are: volumes of one name in two scopes are two. */
  readonly scope: string;
  /** A volume that could not be restored or kept: the run goes on without. */
  onWarning(message: string): void;
}

/** These have a source and a destination of their own. */
const NEVER_KEPT: readonly string[] = [WORKSPACE_VOLUME, "output"];

/**
 * Keeps volumes between runs: what is in the store under the volume's name is in the volume when it is made, and
 * what is in it at the end of the run is in the store afterwards. Runs at the same time each have their own; the
 * last one that ends is kept. The workspace and `output` are not touched. A volume that was removed, or could
 * not be restored, is not kept, and what fails is a warning.
 */
export function withCache(driver: Driver, store: CacheStore, options: WithCacheOptions): Driver {
  /** By volume, those that go to the store, with whether they are filled by now. */
  const kept = new Map<string, { readonly volume: Volume; readonly filled: Promise<boolean> }>();

  async function fill(volume: Volume): Promise<boolean> {
    try {
      const tar = await store.restore(keyOf(volume));
      if (tar !== undefined) await driver.copyIn(volume, tar);
      return true;
    } catch (error) {
      options.onWarning(`Volume "${volume.name}" starts empty, or half filled: ${textOf(error)}`);
      return false;
    }
  }

  async function keep(volume: Volume): Promise<void> {
    try {
      await store.persist(keyOf(volume), await driver.copyOut(volume));
    } catch (error) {
      options.onWarning(`Volume "${volume.name}" is not kept: ${textOf(error)}`);
    }
  }

  async function keepAll(runId?: string): Promise<void> {
    const ending = [...kept].filter(([, { volume }]) =>
      runId === undefined || volume.runId === runId
    );
    for (const [id] of ending) kept.delete(id);
    for (const [, { volume, filled }] of ending) if (await filled) await keep(volume);
  }

  function keyOf(volume: Volume): string {
    return `${encodeURIComponent(options.scope)}/${encodeURIComponent(volume.name)}`;
  }

  return {
    name: driver.name,
    capabilities: driver.capabilities,
    gaps: driver.gaps,
    ready: () => driver.ready(),
    run: (task, io) => driver.run(task, io),
    async createVolume(request) {
      const volume = await driver.createVolume(request);
      if (NEVER_KEPT.includes(volume.name)) return volume;
      let entry = kept.get(volume.id);
      if (entry === undefined) {
        entry = { volume, filled: fill(volume) };
        kept.set(volume.id, entry);
      }
      // Whoever asks for the same volume meanwhile waits too.
      await entry.filled;
      return volume;
    },
    copyIn: (volume, tar, signal) => driver.copyIn(volume, tar, signal),
    copyOut: (volume, signal) => driver.copyOut(volume, signal),
    async removeVolume(volume) {
      kept.delete(volume.id);
      await driver.removeVolume(volume);
    },
    startSandbox: (sandbox, signal) => driver.startSandbox(sandbox, signal),
    async endRun(runId) {
      await keepAll(runId);
      await driver.endRun(runId);
    },
    sweep: () => driver.sweep(),
    async [Symbol.asyncDispose]() {
      await keepAll();
      await driver[Symbol.asyncDispose]();
    },
  };
}

/**
 * `withCache` for the store at an address, as `?cache=…` of a driver's DSN has it.
 *
 * @throws {CodedError} `CACHE_INVALID`
 */
export async function withCacheAt(
  driver: Driver,
  address: string,
  options: OpenDriverOptions,
): Promise<Driver> {
  const store = await openCacheStore(address, { cwd: options.cwd });
  return withCache(driver, store, {
    scope: options.cacheScope ?? "",
    onWarning: (message) => options.onWarning(message),
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
