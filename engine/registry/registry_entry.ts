import type { Clock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import {
  keepTriggers,
  type KeptTriggers,
  type Trigger,
  type TriggerHost,
  type TriggerMetric,
  triggerNames,
} from "../triggers/mod.ts";
import type { QueuedRuns, Workflow } from "../workflow/mod.ts";
import type { RegisteredWorkflow, WorkflowOrigin } from "./registry.ts";
import type { FoundWorkflow } from "./registry_source.ts";
import type { TriggerPauses } from "./trigger_pauses.ts";

/** What the workflows of a registry have in common. */
export interface EntryOptions {
  readonly clock: Clock;
  /** Even in [0, 1). */
  random(): number;
  /** Whether webhooks without `verify` take what anybody sends. */
  readonly insecureWebhooks: boolean;
  readonly pauses: TriggerPauses;
  readonly log: TriggerHost["log"];
  count?(workflow: string, trigger: string, metric: TriggerMetric, value: number): void;
  onEvent(event: RunEvent, entry: RegistryEntry): void;
}

/** A runs' worth of time: those of a workflow that is gone may take theirs. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER;

/** A workflow of a registry, with its triggers. */
export class RegistryEntry implements RegisteredWorkflow {
  readonly id: string;
  readonly workflow: Workflow;
  readonly #triggers: KeptTriggers;
  readonly #options: EntryOptions;
  readonly #unsubscribe: () => void;
  #found: FoundWorkflow;
  #background: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #paused: string;

  constructor(
    found: FoundWorkflow,
    { workflow, triggers }: { readonly workflow: Workflow; readonly triggers: KeptTriggers },
    options: EntryOptions,
  ) {
    this.id = found.id;
    this.#found = found;
    this.workflow = workflow;
    this.#triggers = triggers;
    this.#options = options;
    this.#paused = this.pausedTriggers().join("\n");
    this.#unsubscribe = workflow.subscribe((event) => options.onEvent(event, this));
  }

  get name(): string {
    return this.#found.name;
  }

  get origin(): WorkflowOrigin {
    return this.#found.origin;
  }

  get stamp(): string {
    return this.#found.stamp;
  }

  triggers(): readonly Trigger[] {
    return this.#triggers.list();
  }

  pausedTriggers(): readonly string[] {
    const { workflow: { current: { spec }, workflowKey } } = this;
    return triggerNames(spec.triggers).filter((name) =>
      this.#options.pauses.has(workflowKey, name)
    );
  }

  async pauseTrigger(trigger: string, isPaused: boolean): Promise<void> {
    const names = triggerNames(this.workflow.current.spec.triggers);
    if (!names.includes(trigger)) throw noTrigger(this.name, trigger, names);
    await this.#options.pauses.set(this.workflow.workflowKey, trigger, isPaused);
    await this.followPauses();
  }

  /** Goes by what is paused now, which another engine may have changed. */
  async followPauses(): Promise<void> {
    const paused = this.pausedTriggers().join("\n");
    if (paused === this.#paused) return;
    this.#paused = paused;
    await this.#triggers.renew();
  }

  /** Resolves when the runs of before were taken up and its schedules count. Never rejects. */
  get begun(): Promise<void> {
    return this.#background;
  }

  /** Takes up the runs of before, then lets its triggers start new ones: in the background. */
  begin(): void {
    this.#background = this.workflow.recover().then(() => this.#triggers.begin())
      .catch((error) => this.#options.log("error", `${(error as Error).message}`, this.#fields));
  }

  /** Goes over to what was found now; rejects, and goes on as before, when that cannot be used. */
  async reload(found: FoundWorkflow): Promise<void> {
    if (this.workflow.draining) return;
    await this.workflow.reload();
    this.#found = found;
    await this.#triggers.renew();
  }

  /** Starts no more runs, and ends when those that it has are over, or after `graceMs`. */
  async drain(graceMs: number, queued: QueuedRuns): Promise<void> {
    await Promise.all([this.#triggers.drain(), this.workflow.drain(graceMs, { queued })]);
  }

  /** Lets what it has accepted come to its end, then ends. */
  async retire(): Promise<void> {
    await this.drain(FOR_EVER_MS, "finish");
    await this[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await this.#triggers[Symbol.asyncDispose]();
    await this.workflow[Symbol.asyncDispose]();
    await this.#background;
    this.#unsubscribe();
  }

  get #fields(): JsonObject {
    return { workflow: this.name };
  }
}

/**
 * Opens a workflow that was found, with its webhooks. Its other triggers wait for `begin`.
 *
 * @throws what opening it throws
 */
export async function openEntry(
  found: FoundWorkflow,
  options: EntryOptions,
): Promise<RegistryEntry> {
  const workflow = await found.open();
  const { clock, random, insecureWebhooks, pauses, log, count } = options;
  // None of its promises rejects.
  const triggers = await keepTriggers(workflow, {
    clock,
    random,
    cron: "engine",
    insecureWebhooks,
    isPaused: (trigger) => pauses.has(workflow.workflowKey, trigger),
    log: (level, message, fields) => log(level, message, { ...fields, workflow: found.name }),
    ...count === undefined ? {} : {
      count: (trigger, metric, value) => count(found.name, trigger, metric, value),
    },
  });
  return new RegistryEntry(found, { workflow, triggers }, options);
}

function noTrigger(workflow: string, trigger: string, names: readonly string[]): CodedError {
  return new CodedError(
    "NOT_FOUND",
    `Cannot find "${trigger}" as a trigger of "${workflow}": it has ${
      names.length === 0 ? "none" : names.join(", ")
    }`,
  );
}
