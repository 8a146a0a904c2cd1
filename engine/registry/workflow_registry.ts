import type { RunEvent } from "../executor/mod.ts";
import type { Storage } from "../storage/mod.ts";
import type { QueuedRuns } from "../workflow/mod.ts";
import { CodedError } from "../errors/mod.ts";
import { AddedSource } from "./added_source.ts";
import { describeProblem } from "./describe_problem.ts";
import { inTurns } from "./in_turns.ts";
import { planChanges } from "./plan_changes.ts";
import type { OpenRegistry } from "./opened_registry.ts";
import type { FoundRun, RegisteredWorkflow, RegistryProblem } from "./registry.ts";
import { type EntryOptions, openEntry, type RegistryEntry } from "./registry_entry.ts";
import { TriggerPauses } from "./trigger_pauses.ts";
import type { FoundWorkflow, RegistrySource, SourceLook } from "./registry_source.ts";

/** Workflows that are opened or loaded again at the same time. */
const AT_A_TIME = 8;

/** What a registry is made of. */
export interface WorkflowRegistryOptions extends Omit<EntryOptions, "onEvent" | "pauses"> {
  readonly storage: Storage;
  /** In the order in which their names count. */
  readonly sources: readonly RegistrySource[];
  /** Another one when something changed that every workflow is opened with, such as secrets. */
  stampOfAll?(): Promise<string>;
}

type Listener = (event: RunEvent, entry: RegisteredWorkflow) => void;

/** The workflows of some sources, open over one storage. */
export class WorkflowRegistry implements OpenRegistry {
  readonly storage: Storage;
  readonly #options: WorkflowRegistryOptions;
  readonly #added = new AddedSource();
  readonly #sources: readonly RegistrySource[];
  readonly #pauses: TriggerPauses;
  readonly #kept = new AsyncDisposableStack();
  readonly #looks = new Map<RegistrySource, SourceLook>();
  #entries: readonly RegistryEntry[] = [];
  #byName: ReadonlyMap<string, RegistryEntry> = new Map();
  /** Gone, or replaced, while runs of theirs go on. */
  readonly #leaving = new Map<RegistryEntry, Promise<void>>();
  #problems: readonly RegistryProblem[] = [];
  /** What kept workflows from being opened or loaded at the last look, by id. */
  #failures: ReadonlyMap<string, unknown> = new Map();
  #listeners: readonly Listener[] = [];
  #changeListeners: readonly (() => void)[] = [];
  #work: Promise<void> = Promise.resolve();
  /** A look at all sources that has not begun: what asks for another shares it. */
  #nextLook: Promise<void> | undefined;
  #drained: { readonly graceMs: number; readonly queued: QueuedRuns } | undefined;

  constructor(options: WorkflowRegistryOptions) {
    this.#options = options;
    this.storage = options.storage;
    this.#pauses = new TriggerPauses(options);
    this.#sources = [...options.sources, this.#added];
  }

  get isDraining(): boolean {
    return this.#drained !== undefined;
  }

  list(): readonly RegistryEntry[] {
    return this.#entries;
  }

  get(name: string): RegistryEntry | undefined {
    return this.#byName.get(name);
  }

  problems(): readonly RegistryProblem[] {
    return this.#problems;
  }

  async findRun(runId: string): Promise<FoundRun | undefined> {
    const all = [...this.#entries, ...this.#leaving.keys()];
    for (const entry of all) {
      const run = entry.workflow.liveRun(runId);
      if (run !== undefined) return { entry, run };
    }
    const stored = await this.storage.getRun(runId);
    const key = stored?.workflowKey ?? "";
    // The version that a run belongs to may still be there, as one that is leaving.
    const entry = all.find(({ workflow }) => workflow.workflowKey === key) ??
      all.find(({ workflow }) => workflow.workflowKeys.includes(key));
    const run = await entry?.workflow.run(runId);
    return entry === undefined || run === undefined ? undefined : { entry, run };
  }

  reload(): Promise<void> {
    return this.#nextLook ??= this.#then(async () => {
      this.#nextLook = undefined;
      await this.#look(this.#sources);
    });
  }

  async add(found: FoundWorkflow): Promise<RegisteredWorkflow> {
    this.#added.add(found);
    await this.#then(() => this.#look([this.#added]));
    const entry = this.get(found.name);
    const error = this.#failures.get(found.id);
    if (error === undefined && entry?.id === found.id) return entry;
    if (entry?.id !== found.id) this.#added.remove(found.name);
    throw error ?? cannotAdd(found.name, entry);
  }

  async remove(name: string): Promise<boolean> {
    if (!this.#added.remove(name)) return false;
    await this.#then(() => this.#look([this.#added]));
    return true;
  }

  /** Ends with the registry. */
  keep(resource: AsyncDisposable): void {
    this.#kept.use(resource);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  onChange(listener: () => void): () => void {
    this.#changeListeners = [...this.#changeListeners, listener];
    return () => {
      this.#changeListeners = this.#changeListeners.filter((other) => other !== listener);
    };
  }

  /** Resolves when every workflow has taken up its runs and keeps its schedules. */
  async begun(): Promise<void> {
    await Promise.all(this.#entries.map(({ begun }) => begun));
  }

  async drain(
    { graceMs, queued }: { readonly graceMs: number; readonly queued: "cancel" | "keep" },
  ): Promise<void> {
    this.#drained = { graceMs, queued };
    const drained = this.#drainAll();
    // What is being opened at this moment is drained as it comes.
    await this.#work;
    await Promise.all([drained, this.#drainAll()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept.disposeAsync();
    await this.drain({ graceMs: 0, queued: "keep" });
    await Promise.all([...this.#entries, ...this.#leaving.keys()].map(async (entry) => {
      await entry[Symbol.asyncDispose]();
    }));
    await Promise.all(this.#leaving.values());
  }

  async #drainAll(): Promise<void> {
    const { graceMs, queued } = this.#drained ?? { graceMs: 0, queued: "keep" };
    await Promise.all(
      [...this.#entries, ...this.#leaving.keys()].map((entry) => entry.drain(graceMs, queued)),
    );
  }

  /** One after another. None of it rejects. */
  #then(work: () => Promise<void>): Promise<void> {
    return this.#work = this.#work.then(work);
  }

  async #look(sources: readonly RegistrySource[]): Promise<void> {
    if (this.isDraining) return;
    await Promise.all(sources.map(async (source) => {
      const before = this.#looks.get(source);
      this.#looks.set(source, await source.look().catch((error) => failedLook(error, before)));
    }));
    await this.#pauses.refresh().catch((error) => {
      this.#options.log("warn", `what is paused is not known: ${String(error)}`);
    });
    await Promise.all(this.#entries.map((entry) => entry.followPauses()));
    const shared = await this.#options.stampOfAll?.() ?? "";
    const looks = this.#sources.map((source) =>
      withStamp(this.#looks.get(source) ?? NOTHING, shared)
    );
    const changes = planChanges(looks, this.#entries);
    const problems: RegistryProblem[] = [
      ...looks.flatMap((look) => look.problems),
      ...changes.problems,
    ];
    const failures = new Map<string, unknown>();
    function failed({ id, origin }: FoundWorkflow, error: unknown): void {
      failures.set(id, error);
      problems.push(describeProblem(origin.place, error));
    }
    await inTurns(changes.reload, AT_A_TIME, async ({ entry, found }) => {
      await entry.reload(found).catch((error) => failed(found, error));
    });
    const opened: RegistryEntry[] = [];
    const unopened = new Set<string>();
    await inTurns(changes.open, AT_A_TIME, async (found) => {
      if (this.isDraining) return;
      try {
        opened.push(await openEntry(found, this.#entryOptions));
      } catch (error) {
        unopened.add(found.name);
        failed(found, error);
      }
    });
    this.#failures = failures;
    // What cannot take its place leaves the old one there.
    const closing = new Set(changes.close.filter(({ name }) => !unopened.has(name)));
    this.#set([...this.#entries.filter((entry) => !closing.has(entry)), ...opened]);
    for (const entry of closing) this.#retire(entry);
    for (const entry of opened) entry.begin();
    await this.#settle(sources);
    const isChanged = changes.reload.length + opened.length + closing.size > 0;
    if (this.#tellProblems(problems) || isChanged) {
      for (const listener of this.#changeListeners) listener();
    }
  }

  #set(entries: readonly RegistryEntry[]): void {
    this.#entries = entries.toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
    this.#byName = new Map(this.#entries.map((entry) => [entry.name, entry]));
  }

  /** Whether they are others than before. */
  #tellProblems(problems: readonly RegistryProblem[]): boolean {
    const known = new Set(this.#problems.map(keyOf));
    const fresh = problems.filter((problem) => !known.has(keyOf(problem)));
    for (const { place, message } of fresh) this.#options.log("error", message, { place });
    const isChanged = fresh.length > 0 || problems.length !== this.#problems.length;
    this.#problems = problems;
    return isChanged;
  }

  async #settle(sources: readonly RegistrySource[]): Promise<void> {
    for (const source of sources) {
      await source.settled?.().catch((error) => this.#options.log("warn", String(error)));
    }
  }

  #retire(entry: RegistryEntry): void {
    const retired = entry.retire()
      .catch((error) => this.#options.log("error", String(error), { workflow: entry.name }))
      .finally(() => {
        this.#leaving.delete(entry);
        if (!this.isDraining) void this.#then(() => this.#settle(this.#sources));
      });
    this.#leaving.set(entry, retired);
  }

  get #entryOptions(): EntryOptions {
    return {
      ...this.#options,
      pauses: this.#pauses,
      onEvent: (event, entry) => this.#tell(event, entry),
    };
  }

  #tell(event: RunEvent, entry: RegistryEntry): void {
    for (const listener of this.#listeners) {
      try {
        listener(event, entry);
      } catch (error) {
        // Whoever looks on must not break the run, nor keep others from seeing it.
        this.#options.log("warn", `a listener failed at ${event.kind}: ${String(error)}`);
      }
    }
  }
}

function cannotAdd(name: string, entry: RegistryEntry | undefined): CodedError {
  if (entry === undefined) {
    return new CodedError(
      "DRAINING",
      `Cannot register "${name}" as a workflow: the engine is shutting down`,
    );
  }
  return new CodedError(
    "ALREADY_EXISTS",
    `Cannot register "${name}" as a workflow: the name is that of ${entry.origin.place}`,
  );
}

const NOTHING: SourceLook = { found: [], problems: [], isBroken: () => false };

function withStamp(look: SourceLook, shared: string): SourceLook {
  return {
    ...look,
    found: look.found.map((found) => ({ ...found, stamp: `${found.stamp} ${shared}` })),
  };
}

/** A source that cannot be looked at has what it had. */
function failedLook(error: unknown, before: SourceLook = NOTHING): SourceLook {
  return { ...before, problems: [describeProblem("sources", error)] };
}

function keyOf({ place, message }: RegistryProblem): string {
  return `${place}\n${message}`;
}
