import type { Clock } from "../../clock/mod.ts";
import type { RegisteredWorkflow, Registry } from "../../registry/mod.ts";
import type { RunSummary } from "../../workflow/mod.ts";

/** How many are kept of each workflow. */
export const RECENT = 20;
/** Engines that share the storage tell nothing of theirs here. */
const FRESH_MS = 10_000;

/** Read at once; between them requests of others get their turn. */
const AT_ONCE = 16;

interface Kept {
  readonly runs: Promise<readonly RunSummary[]>;
  readonly readAt: number;
}

/** The newest runs of each workflow, read again only when one of them has changed: lists of workflows are asked for often. */
export class RecentRuns {
  readonly #clock: Clock;
  readonly #kept = new WeakMap<RegisteredWorkflow["workflow"], Kept>();
  /** Resolves when the next ones may be read. */
  #turn: Promise<void> = Promise.resolve();
  #ofTurn = 0;

  constructor(registry: Pick<Registry, "subscribe">, clock: Clock) {
    this.#clock = clock;
    registry.subscribe((event, { workflow }) => {
      if (event.kind.startsWith("run.")) this.#kept.delete(workflow);
    });
  }

  /** Newest first, at most `RECENT`. */
  async of({ workflow }: RegisteredWorkflow): Promise<readonly RunSummary[]> {
    const now = this.#clock.now();
    let kept = this.#kept.get(workflow);
    if (kept === undefined || kept.readAt < now - FRESH_MS || kept.readAt > now) {
      kept = { runs: this.#read(workflow), readAt: now };
      this.#kept.set(workflow, kept);
      // What fails now may succeed when it is asked for again.
      kept.runs.catch(() => this.#kept.delete(workflow));
    }
    return (await kept.runs).map((run) =>
      run.completedAt === null && run.status !== "queued"
        ? { ...run, durationMs: now - run.startedAt }
        : run
    );
  }

  #read(workflow: RegisteredWorkflow["workflow"]): Promise<readonly RunSummary[]> {
    if (++this.#ofTurn > AT_ONCE) {
      this.#ofTurn = 1;
      this.#turn = this.#turn.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    }
    return this.#turn.then(() => workflow.runs({ limit: RECENT }));
  }
}
