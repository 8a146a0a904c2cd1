import type { Workflow } from "../workflow/mod.ts";
import { type OpenTriggers, openTriggers } from "./open_triggers.ts";
import type { Trigger, TriggerHost } from "./trigger.ts";
import { createWorkflowHost, type WorkflowHostOptions } from "./workflow_host.ts";

/** Which triggers of a workflow are put to work. */
export interface KeepTriggersOptions extends WorkflowHostOptions {
  /** Whether this engine keeps the schedules; false in a pod whose schedules are CronJobs. */
  readonly cron: boolean;
  /** Whether webhooks without `verify` take what anybody sends: `--insecure-webhooks`. */
  readonly insecureWebhooks: boolean;
}

/** The triggers of a workflow at work, over its reloads. */
export interface KeptTriggers extends AsyncDisposable {
  /** Those that are at work now. */
  list(): readonly Trigger[];
  /**
   * Puts the triggers of the workflow's current version to work in place of those before. What these have
   * taken comes to its end. Never rejects: a version whose triggers cannot be opened has webhooks alone.
   */
  renew(): Promise<void>;
  /** None takes anything new; resolves when what they took is done. */
  drain(): Promise<void>;
}

const NONE: OpenTriggers = {
  list: [],
  drain: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/**
 * Puts the triggers of a workflow to work. Call it after the unfinished runs were taken up, and before a
 * server hands on what comes to its webhooks.
 */
export async function keepTriggers(
  workflow: Workflow,
  options: KeepTriggersOptions,
): Promise<KeptTriggers> {
  let webhooks: readonly Trigger[] = [];
  let others = NONE;
  const retiring = new Set<Promise<void>>();
  let isDrained = false;

  async function open(): Promise<void> {
    const host = createWorkflowHost(workflow, options);
    const { spec } = workflow.current;
    retireAll(webhooks);
    // At once: a delivery during a reload finds its webhook.
    webhooks = await openWebhooks(workflow, host, options.insecureWebhooks);
    const old = others;
    others = NONE;
    retire(old);
    const { cron } = options;
    const opened = await openTriggers(spec.triggers, host, { cron, dir: workflow.dir });
    others = opened;
    if (isDrained) await opened.drain();
  }

  function retire(trigger: Pick<OpenTriggers, "drain" | typeof Symbol.asyncDispose>): void {
    const retired = trigger.drain().then(() => trigger[Symbol.asyncDispose]())
      .catch((error) => report(error)).finally(() => retiring.delete(retired));
    retiring.add(retired);
  }

  function retireAll(triggers: readonly Trigger[]): void {
    for (const trigger of triggers) retire(trigger);
  }

  function report(error: unknown): void {
    options.log("error", `triggers are off: ${error instanceof Error ? error.message : error}`);
  }

  await open();
  let renewing: Promise<void> = Promise.resolve();
  return {
    list: () => [...others.list, ...webhooks],
    renew() {
      return renewing = renewing.then(async () => isDrained ? undefined : await open()).catch(
        report,
      );
    },
    async drain() {
      isDrained = true;
      await renewing;
      await Promise.all([
        others.drain(),
        ...webhooks.map((webhook) => webhook.drain()),
        ...retiring,
      ]);
    },
    async [Symbol.asyncDispose]() {
      isDrained = true;
      await renewing;
      await Promise.all([
        others[Symbol.asyncDispose](),
        ...webhooks.map((webhook) => webhook[Symbol.asyncDispose]()),
      ]);
      await Promise.all(retiring);
    },
  };
}

async function openWebhooks(
  { current: { spec } }: Workflow,
  host: TriggerHost,
  insecure: boolean,
): Promise<readonly Trigger[]> {
  const specs = spec.triggers.filter((trigger) => trigger.type === "webhook");
  if (specs.length === 0) return [];
  // Computed, so that the runtime does not look through files that no trigger needs.
  const file = new URL("./webhook.ts", import.meta.url).href;
  const { openWebhookTrigger }: typeof import("./webhook.ts") = await import(file);
  return specs.map((trigger) => openWebhookTrigger(trigger, host, { insecure }));
}
