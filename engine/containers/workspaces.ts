import { type Volume, WORKSPACE_VOLUME } from "../drivers/mod.ts";
import { orAborted } from "../programs/mod.ts";
import type { Place } from "./place.ts";
import { Turns } from "./turns.ts";

/** What the workspaces of a run are made with. */
export interface WorkspacesOptions {
  readonly runId: string;
  /** Aborts with the run. */
  readonly signal: AbortSignal;
  /** What goes into the first workspace; empty when undefined. Asked once. */
  readonly source: () => Promise<ReadableStream<Uint8Array> | undefined>;
  /** The workspace came in, or could not: `source` is not read any more. */
  onFilled(): void;
  /** Nothing may hold the volume of that place any more: it is replaced. */
  beforeReplace(place: Place): Promise<void>;
}

/** Leave to use the workspace. */
export interface Entered {
  readonly volume: Volume;
  /** To be called once nothing uses it any more; again is fine. */
  leave(): void;
}

/**
 * The workspace of one run. Each driver has a volume for it. Steps of one driver use it side by side; a step of
 * another driver waits until those are over, and gets a copy of what they left before it starts.
 */
export class Workspaces {
  readonly #options: WorkspacesOptions;
  readonly #turns = new Turns();
  /** Where the newest state is. */
  #home: { readonly place: Place; readonly volume: Volume } | undefined;
  #moving: { readonly key: string; readonly volume: Promise<Volume> } | undefined;
  /** Older states, by place. */
  readonly #stale = new Map<string, Volume>();

  constructor(options: WorkspacesOptions) {
    this.#options = options;
  }

  /** @param onMove Told when the workspace is copied from another driver. */
  async enter(
    place: Place,
    signal: AbortSignal,
    onMove: (from: string) => void,
  ): Promise<Entered> {
    const leave = await this.#turns.take(place.key, signal);
    if (this.#home?.place.key === place.key) return { volume: this.#home.volume, leave };
    if (this.#moving?.key !== place.key) {
      this.#moving = { key: place.key, volume: this.#move(place, onMove) };
    }
    const { volume } = this.#moving;
    // Others of its driver may use what this one has asked for.
    const isOver = volume.then(() => {}, () => {
      if (this.#moving?.volume === volume) this.#moving = undefined;
    });
    try {
      return { volume: await orAborted(volume, signal), leave };
    } catch (error) {
      void isOver.then(leave);
      throw error;
    }
  }

  async #move(place: Place, onMove: (from: string) => void): Promise<Volume> {
    const { signal } = this.#options;
    const from = this.#home;
    if (from !== undefined) {
      onMove(from.place.driver.name);
      await this.#options.beforeReplace(place);
      const old = this.#stale.get(place.key);
      this.#stale.delete(place.key);
      if (old !== undefined) await place.driver.removeVolume(old);
    }
    signal.throwIfAborted();
    const { runId, source } = this.#options;
    const volume = await place.driver.createVolume({ runId, name: WORKSPACE_VOLUME });
    try {
      if (from !== undefined) {
        const tar = await from.place.driver.copyOut(from.volume, signal);
        await place.driver.copyIn(volume, tar, signal);
      } else {
        const tar = await source();
        try {
          if (tar !== undefined) await place.driver.copyIn(volume, tar, signal);
        } finally {
          if (tar !== undefined) this.#options.onFilled();
        }
      }
    } catch (error) {
      // What is in it is half of something.
      await place.driver.removeVolume(volume).catch(() => {});
      throw error;
    }
    if (from !== undefined) this.#stale.set(from.place.key, from.volume);
    this.#home = { place, volume };
    this.#moving = undefined;
    return volume;
  }
}
