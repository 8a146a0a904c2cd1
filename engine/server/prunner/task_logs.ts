import type { RunEvent } from "../../executor/mod.ts";
import type { JsonObject } from "../../json/mod.ts";
import type { FoundRun } from "../../registry/mod.ts";

/** What the programs of a task have written so far. */
export interface TaskOutput {
  readonly stdout: string;
  readonly stderr: string;
}

interface Reading {
  seq: number;
  stdout: string;
  stderr: string;
}

/** Events read at a time. */
const PAGE = 1_000;
/** Tasks whose output is followed are few, and what is kept of them has bounds. */
const MAX_READINGS = 32;
const MAX_CHARS = 32 * 1024 * 1024;

/**
 * The output of tasks, put together from their log, byte for byte. Where a reader has arrived is remembered: whoever
 * follows a task that goes on reads what is new alone.
 */
export class TaskLogs {
  readonly #readings = new Map<string, Reading>();
  readonly #busy = new Map<string, Promise<TaskOutput>>();

  /** All that there is now. */
  read(found: FoundRun, task: string): Promise<TaskOutput> {
    const key = `${found.run.id} ${task}`;
    const busy = this.#busy.get(key);
    if (busy !== undefined) return busy;
    const reading = this.#read(key, found, task).finally(() => this.#busy.delete(key));
    this.#busy.set(key, reading);
    return reading;
  }

  async #read(key: string, { run }: FoundRun, task: string): Promise<TaskOutput> {
    const reading = this.#readings.get(key) ?? { seq: 0, stdout: "", stderr: "" };
    const isScript = [...run.dag.nodes, run.dag.onError].some((node) =>
      node?.id === task && node.spec.kind === "script"
    );
    for (;;) {
      const events = await run.eventsSoFar(reading.seq, PAGE);
      for (const event of events) {
        if (event.kind === "log" && event.node === task) add(reading, event, isScript);
      }
      reading.seq = events.at(-1)?.seq ?? reading.seq;
      if (events.length < PAGE) break;
    }
    this.#keep(key, reading);
    return { stdout: reading.stdout, stderr: reading.stderr };
  }

  #keep(key: string, reading: Reading): void {
    this.#readings.delete(key);
    this.#readings.set(key, reading);
    let chars = 0;
    for (const { stdout, stderr } of this.#readings.values()) {
      chars += stdout.length + stderr.length;
    }
    for (const [oldest, { stdout, stderr }] of this.#readings) {
      if (this.#readings.size <= MAX_READINGS && chars <= MAX_CHARS) return;
      this.#readings.delete(oldest);
      chars -= stdout.length + stderr.length;
    }
  }
}

/** Lines of a node in TypeScript belong to no stream: what is worth a warning goes with the errors. */
function add(reading: Reading, event: RunEvent & { readonly kind: "log" }, isScript: boolean) {
  const { message, level } = event;
  const { stream, partial } = fieldsOf(event);
  // What the engine has to say is no output of a script.
  if (stream === undefined && isScript) return;
  const text = partial ? message : `${message}\n`;
  const isError = stream === "stderr" ||
    (stream === undefined && (level === "warn" || level === "error"));
  if (isError) reading.stderr += text;
  else reading.stdout += text;
}

function fieldsOf(
  { fields }: RunEvent & { readonly kind: "log" },
): { readonly stream?: unknown; readonly partial?: unknown } {
  const isMap = typeof fields === "object" && fields !== null && !Array.isArray(fields);
  return isMap ? fields as JsonObject : {};
}
