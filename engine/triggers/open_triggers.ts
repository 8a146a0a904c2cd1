import type { QueueTriggerSpec, TriggerSpec } from "../spec/mod.ts";
import { cronTriggers } from "./cron_triggers.ts";
import type { Trigger, TriggerHost } from "./trigger.ts";
import { triggerName } from "./trigger_names.ts";

/** Which triggers are opened, and with what. */
export interface OpenTriggersOptions {
  /** Whether this engine keeps the schedules; false in a pod whose schedules are CronJobs. */
  readonly cron: boolean;
  /** The workflow folder: what relative paths in `config` start from. */
  readonly dir: string;
  /** Those of such a name are left out. */
  isPaused?(trigger: string): boolean;
}

/** The triggers of a workflow at work. Disposing stops all of them at once. */
export interface OpenTriggers extends AsyncDisposable {
  readonly list: readonly Trigger[];
  /** None takes anything new; resolves when what they took is done. */
  drain(): Promise<void>;
}

interface NatsModule {
  openQueueTrigger(
    spec: QueueTriggerSpec,
    host: TriggerHost,
    options: { readonly dir: string },
  ): Promise<Trigger>;
}

/**
 * Puts the triggers of a workflow to work, each type loaded only where it is used. Triggers by hand need
 * nothing, and webhooks are the server's. When one cannot be opened, none is left open. Open them after the
 * runs of before a restart were taken up, so that `overlap` knows of those.
 */
export async function openTriggers(
  triggers: readonly TriggerSpec[],
  host: TriggerHost,
  { cron, dir, isPaused = () => false }: OpenTriggersOptions,
): Promise<OpenTriggers> {
  const crons = cron ? cronTriggers(triggers).filter(({ name }) => !isPaused(name)) : [];
  const queues = triggers.filter((spec) => spec.type === "queue")
    .filter((spec) => !isPaused(triggerName(spec)));
  const list: Trigger[] = [];
  try {
    if (crons.length > 0) {
      const { openCronTrigger } = await load<typeof import("./cron.ts")>(
        new URL("./cron.ts", import.meta.url),
      );
      for (const { spec, name } of crons) list.push(await openCronTrigger(spec, host, { name }));
    }
    if (queues.length > 0) {
      const { openQueueTrigger } = await load<NatsModule>(
        new URL("./nats/mod.ts", import.meta.url),
      );
      for (const spec of queues) list.push(await openQueueTrigger(spec, host, { dir }));
    }
  } catch (error) {
    await closeAll(list);
    throw error;
  }
  return {
    list,
    drain: async () => void await Promise.all(list.map((trigger) => trigger.drain())),
    [Symbol.asyncDispose]: () => closeAll(list),
  };
}

/** Computed, so that the runtime does not look through files that no trigger needs. */
function load<Module>(file: URL): Promise<Module> {
  return import(file.href);
}

async function closeAll(triggers: readonly Trigger[]): Promise<void> {
  await Promise.all(triggers.map((trigger) => trigger[Symbol.asyncDispose]()));
}
