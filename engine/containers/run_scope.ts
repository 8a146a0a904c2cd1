import { CodedError } from "../errors/mod.ts";
import type { NodeCall } from "../executor/mod.ts";
import type { Volume } from "../drivers/mod.ts";
import { orAborted } from "../programs/mod.ts";
import type { Place } from "./place.ts";
import { StandingContainers } from "./standing_containers.ts";
import { type Entered, Workspaces } from "./workspaces.ts";
import { refuseSharing } from "./check_support.ts";

/** What a run needs of the containers that it is a part of. */
export interface RunScopeOptions {
  /** What goes into its workspace; the signal aborts with the run. */
  readonly source: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array> | undefined>;
  onFilled(): void;
}

/** What one run has in containers, on however many drivers. */
export class RunScope {
  readonly id: string;
  /** Containers that stay. */
  readonly standing = new StandingContainers();
  /** Steps that failed in this process, by node and task, and the attempt that saw it. */
  readonly failedTasks = new Map<string, number>();
  /** Sandboxes that code has started, by their key in `standing`. */
  readonly sandboxes = new Map<string, { readonly name: string; readonly place: Place }>();
  /** Places that were used, by key. */
  readonly places = new Map<string, Place>();
  /** Images, with their place, of which no container can be kept. */
  readonly unkeepable = new Set<string>();
  readonly #end = new AbortController();
  readonly #work = new Set<Promise<unknown>>();
  readonly #stopping = new Map<string, Promise<unknown>>();
  readonly #workspaces: Workspaces;
  readonly #volumes = new Map<string, Promise<Volume>>();
  readonly #users = new Map<string, number>();
  #hasWarned = false;
  #ids = 0;

  constructor(id: string, options: RunScopeOptions) {
    this.id = id;
    const { source } = options;
    this.#workspaces = new Workspaces({
      runId: id,
      signal: this.signal,
      source: () => source(this.signal),
      onFilled: () => options.onFilled(),
      beforeReplace: ({ key }) => this.standing.closeAt(key),
    });
  }

  /** Aborts with the run. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** A number that was not given before. */
  nextId(): number {
    return this.#ids++;
  }

  /** Waits for the workspace on that driver: filled, or brought up to date. */
  async enter(place: Place, call: NodeCall, signal: AbortSignal): Promise<Entered> {
    this.places.set(place.key, place);
    this.#warnOfResume(call);
    const isAlone = !place.driver.capabilities.sharedVolumes;
    if (isAlone && (this.#users.get(place.key) ?? 0) > 0) {
      throw refuseSharing(place.driver, `a step of node "${call.node.id}"`);
    }
    this.#users.set(place.key, (this.#users.get(place.key) ?? 0) + 1);
    const done = () => this.#users.set(place.key, (this.#users.get(place.key) ?? 1) - 1);
    try {
      const entered = await this.#workspaces.enter(place, signal, (from) =>
        call.onLog({
          level: "info",
          message: `The workspace is copied from driver "${from}" to "${place.driver.name}"`,
        }));
      let isOut = false;
      return {
        volume: entered.volume,
        leave: () => {
          if (!isOut) done();
          isOut = true;
          entered.leave();
        },
      };
    } catch (error) {
      done();
      throw error;
    }
  }

  /** A volume of the run on that driver, which is not the workspace. The same each time. */
  async volume(place: Place, name: string, sizeMb?: number): Promise<Volume> {
    const key = `${place.key}\n${name}`;
    let making = this.#volumes.get(key);
    if (making === undefined) {
      this.places.set(place.key, place);
      making = this.track(place.driver.createVolume({ runId: this.id, name, sizeMb }));
      this.#volumes.set(key, making);
      making.catch(() => this.#volumes.delete(key));
    }
    return await making;
  }

  /** The volumes of that name, one per driver that has made it. */
  async volumesNamed(name: string): Promise<readonly { place: Place; volume: Volume }[]> {
    const found: { place: Place; volume: Volume }[] = [];
    for (const place of this.places.values()) {
      const volume = await this.#volumes.get(`${place.key}\n${name}`)?.catch(() => undefined);
      if (volume !== undefined) found.push({ place, volume });
    }
    return found;
  }

  /** Makes the end of the run wait for `work`, however that ends. */
  track<T>(work: Promise<T>): Promise<T> {
    if (this.signal.aborted) work.catch(() => {});
    const settled = work.then(() => {}, () => {}).finally(() => this.#work.delete(settled));
    this.#work.add(settled);
    return work;
  }

  /** Notes what an attempt left to be stopped, for the next attempt of its node. */
  leaveStopping(node: string, work: Promise<unknown>): void {
    const settled = work.then(() => {}, () => {}).finally(() => {
      if (this.#stopping.get(node) === settled) this.#stopping.delete(node);
    });
    this.#stopping.set(node, settled);
  }

  /** Resolves when nothing of an earlier attempt runs any more. */
  async stopped(node: string, signal: AbortSignal): Promise<void> {
    const stopping = this.#stopping.get(node);
    if (stopping !== undefined) await orAborted(stopping, signal);
  }

  /** Tells everything to stop, and waits until it has. */
  async stop(): Promise<void> {
    this.#end.abort(
      new CodedError(
        "RUN_CANCELLED",
        `Cannot go on in containers as run ${this.id} must be on: it is over`,
      ),
    );
    while (this.#work.size > 0) await Promise.all(this.#work);
    await this.standing.closeAll();
  }

  #warnOfResume({ run, onLog }: NodeCall): void {
    if (run.isResumed !== true || this.#hasWarned) return;
    this.#hasWarned = true;
    onLog({
      level: "warn",
      message: "The workspace begins from its source again, as the run was taken up again: " +
        "what earlier steps wrote into it is gone",
    });
  }
}
