import type { JsonValue } from "../json/mod.ts";

/** What a finished task is kept as, so that the same task after a resume is not run again. */
export interface TaskRecord {
  /** `<index>-<name>`: tells it from the other tasks of its node. */
  readonly task: string;
  /** Of what was asked, so that another question is not taken for it. */
  readonly fingerprint: string;
  /** For people. */
  readonly name: string;
  /** Exit code. */
  readonly code: number;
  readonly durationMs: number;
  readonly answer: JsonValue;
}

/** The tasks of one node that are done, in this run. */
export interface NodeTasks {
  /** The newest of that id, of this attempt, of earlier ones, and of engines that had the run before. */
  get(task: string): TaskRecord | undefined;
  /**
   * Keeps a task; resolves when that is stored. What an attempt adds after its end is not kept.
   *
   * @throws {PdError} when the storage will not take it: the run cannot go on
   */
  add(record: TaskRecord): Promise<void>;
}
