import type { Workflow } from "../workflow/mod.ts";
import { type OpenTriggers, openTriggers } from "./open_triggers.ts";
import type { Trigger, TriggerHost } from "./trigger.ts";
import { triggerName } from "./trigger_names.ts";
import { createWorkflowHost, type WorkflowHostOptions } from "./workflow_host.ts";

/** Which triggers of a workflow are put to work. */
export interface KeepTriggersOptions extends WorkflowHostOptions {
  /** Who keeps the schedules: this engine, or what `config.cron` says: CronJobs, unless it is `engine`. */
  readonly cron: "engine" | "configured";
  /** Whether webhooks without `verify` take what anybody sends: `--insecure-webhooks`. */
  readonly insecureWebhooks: boolean;
  /** Whether a trigger is paused, by its name as `triggerNames` has it; asked when triggers are put to work. */
  isPaused?(trigger: string): boolean;
}

/** The triggers of a workflow at work, over its reloads. None of its promises rejects. */
export interface KeptTriggers extends AsyncDisposable {
  /** Those that are at work now. */
  list(): readonly Trigger[];
  /** Lets schedules and messages start runs too, from now on. */
  begin(): Promise<void>;
  /**
   * Puts the triggers of the workflow's current version to work in place of those before. What these have
   * taken comes to its end. Triggers that cannot be opened are off, and the log says so.
   */
  renew(): Promise<void>;
  /** None takes anything new; resolves when what they took is done. */
  drain(): Promise<void>;
}

/**
 * Puts the webhooks of a workflow to work: open them before a server hands on what comes to them. The others
 * wait for `begin`, which is to follow when the runs of before a restart were taken up.
 */
export async function keepTriggers(
  workflow: Workflow,
  options: KeepTriggersOptions,
): Promise<KeptTriggers> {
  const kept = new WorkflowTriggers(workflow, options);
  await kept.renew();
  return kept;
}

class WorkflowTriggers implements KeptTriggers {
  readonly #workflow: Workflow;
  readonly #options: KeepTriggersOptions;
  #webhooks: readonly Trigger[] = [];
  /** Schedules and messages. */
  #others: OpenTriggers | undefined;
  readonly #retiring = new Set<Promise<void>>();
  #hasBegun = false;
  #isDrained = false;
  #work: Promise<void> = Promise.resolve();

  constructor(workflow: Workflow, options: KeepTriggersOptions) {
    this.#workflow = workflow;
    this.#options = options;
  }

  list(): readonly Trigger[] {
    return [...this.#others?.list ?? [], ...this.#webhooks];
  }

  begin(): Promise<void> {
    return this.#then(async () => {
      if (this.#hasBegun) return;
      this.#hasBegun = true;
      await this.#openOthers(createWorkflowHost(this.#workflow, this.#options));
    });
  }

  renew(): Promise<void> {
    return this.#then(async () => {
      const host = createWorkflowHost(this.#workflow, this.#options);
      const old = this.#webhooks;
      // A delivery during a reload finds one or the other.
      this.#webhooks = await openWebhooks(this.#workflow, host, this.#options);
      for (const webhook of old) this.#retire(webhook);
      if (this.#hasBegun) await this.#openOthers(host);
    });
  }

  async drain(): Promise<void> {
    this.#isDrained = true;
    await this.#work;
    await Promise.all([
      this.#others?.drain(),
      ...this.#webhooks.map((webhook) => webhook.drain()),
      ...this.#retiring,
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDrained = true;
    await this.#work;
    await Promise.all([
      this.#others?.[Symbol.asyncDispose](),
      ...this.#webhooks.map((webhook) => webhook[Symbol.asyncDispose]()),
    ]);
    await Promise.all(this.#retiring);
  }

  async #openOthers(host: TriggerHost): Promise<void> {
    const { spec } = this.#workflow.current;
    const old = this.#others;
    this.#others = undefined;
    if (old !== undefined) this.#retire(old);
    const cron = this.#options.cron === "engine" || spec.config.cron === "engine";
    const isPaused = (name: string) => this.#options.isPaused?.(name) ?? false;
    this.#others = await openTriggers(spec.triggers, host, {
      cron,
      dir: this.#workflow.dir,
      isPaused,
    });
  }

  /** One after another, and nothing new once they drain. */
  #then(work: () => Promise<void>): Promise<void> {
    return this.#work = this.#work.then(() => this.#isDrained ? undefined : work())
      .catch((error) => this.#report(error));
  }

  /** Takes nothing new from now on; what it took comes to its end. */
  #retire(trigger: Pick<OpenTriggers, "drain" | typeof Symbol.asyncDispose>): void {
    const retired = trigger.drain().then(() => trigger[Symbol.asyncDispose]())
      .catch((error) => this.#report(error)).finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  #report(error: unknown): void {
    const { message } = error instanceof Error ? error : new Error(String(error));
    this.#options.log("error", `triggers are off: ${this.#workflow.redactor.text(message)}`);
  }
}

async function openWebhooks(
  { current: { spec } }: Workflow,
  host: TriggerHost,
  { insecureWebhooks: insecure, isPaused }: KeepTriggersOptions,
): Promise<readonly Trigger[]> {
  const specs = spec.triggers.filter((trigger) => trigger.type === "webhook");
  if (specs.length === 0) return [];
  // Computed, so that the runtime does not look through files that no trigger needs.
  const file = new URL("./webhook.ts", import.meta.url).href;
  const { openWebhookTrigger }: typeof import("./webhook.ts") = await import(file);
  return specs.map((trigger) =>
    openWebhookTrigger(trigger, host, {
      insecure,
      isPaused: isPaused?.(triggerName(trigger)) ?? false,
    })
  );
}
