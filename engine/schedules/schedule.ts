import type { JsonValue } from "../json/mod.ts";

/** When a workflow is started, and with what. */
export interface ScheduleSpec {
  /** Name of the workflow. */
  readonly workflow: string;
  /** As in a workflow's file: five fields, six with seconds in front, or an alias. */
  readonly schedule: string;
  /** IANA name. */
  readonly timezone: string;
  readonly overlap: "forbid" | "allow" | "replace";
  readonly catchUp: "none" | "last" | "all";
  /** Of each run. */
  readonly input: JsonValue;
  readonly isPaused: boolean;
  /** Who made it; empty when nobody said. */
  readonly createdBy: string;
}

/** A schedule that somebody made beside those of the files. */
export interface Schedule extends ScheduleSpec {
  /** Kebab-case, unique. */
  readonly name: string;
  /** One more with each change. */
  readonly revision: number;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
}

/** What may be changed of a schedule. */
export type ScheduleChange = Partial<Omit<ScheduleSpec, "workflow" | "createdBy">>;

/** The schedules of a server at work. Changes count at once, and survive a restart. */
export interface Schedules extends AsyncDisposable {
  /** By name. */
  list(): Promise<readonly Schedule[]>;
  get(name: string): Promise<Schedule | undefined>;
  /**
   * Keeps a new one.
   *
   * @throws {PdError} `ALREADY_EXISTS`, and `STORAGE_UNAVAILABLE`
   */
  create(name: string, spec: ScheduleSpec): Promise<Schedule>;
  /**
   * Changes one; with `revision`, that one alone. Ticks that were missed while it was paused are not caught up.
   * Undefined when there is none.
   *
   * @throws {PdError} `REVISION_CONFLICT`, and `STORAGE_UNAVAILABLE`
   */
  change(
    name: string,
    change: ScheduleChange,
    revision?: number,
  ): Promise<Schedule | undefined>;
  /** False when there is none. Runs of it go on. */
  remove(name: string): Promise<boolean>;
  /** Names of those that start runs now. */
  atWork(): ReadonlySet<string>;
}
