import type { RunEvent } from "../../executor/mod.ts";
import type { RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import type { Run } from "../../workflow/mod.ts";
import { runLine } from "./run_line.ts";

/** A run has changed. */
export interface Change {
  readonly runId: string;
  readonly entry: RegisteredWorkflow;
  /** As a server-sent event with its summary; written down once, however many watch. */
  readonly text: string;
}

const ENDS: ReadonlySet<string> = new Set(["run.succeeded", "run.failed", "run.cancelled"]);

/** Tells all viewers of changes of runs by one subscription, which is there while somebody watches. */
export class RunFeed {
  readonly #registry: Pick<Registry, "subscribe">;
  readonly #viewers = new Set<(change: Change) => void>();
  #stop: (() => void) | undefined;

  constructor(registry: Pick<Registry, "subscribe">) {
    this.#registry = registry;
  }

  /** Calls back with each change; the returned function ends it. */
  watch(onChange: (change: Change) => void): () => void {
    this.#viewers.add(onChange);
    this.#stop ??= this.#registry.subscribe((event, entry) => this.#tell(event, entry));
    return () => {
      this.#viewers.delete(onChange);
      if (this.#viewers.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  #tell(event: RunEvent, entry: RegisteredWorkflow): void {
    if (!event.kind.startsWith("run.")) return;
    const run = entry.workflow.liveRun(event.runId);
    if (run === undefined) return;
    const change = new RunChange(run, { entry, isOver: ENDS.has(event.kind) });
    for (const viewer of this.#viewers) viewer(change);
  }
}

class RunChange implements Change {
  readonly runId: string;
  readonly entry: RegisteredWorkflow;
  /** Undefined once it is written down: whoever is slow to read holds no run that is over, with all its events. */
  #run: Run | undefined;
  #text = "";

  constructor(
    run: Run,
    { entry, isOver }: { readonly entry: RegisteredWorkflow; readonly isOver: boolean },
  ) {
    this.runId = run.id;
    this.entry = entry;
    this.#run = run;
    if (isOver) this.#write(run);
  }

  /** Of when it is read first, or of its end. */
  get text(): string {
    if (this.#run !== undefined) this.#write(this.#run);
    return this.#text;
  }

  #write(run: Run): void {
    this.#run = undefined;
    this.#text = `event: run\ndata: ${JSON.stringify(runLine(this.entry, run.summary))}\n\n`;
  }
}
