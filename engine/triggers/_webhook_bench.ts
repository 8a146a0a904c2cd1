import { FakeClock } from "../clock/mod.ts";
import { createRedactor, type Secrets } from "../context/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { WebhookTriggerSpec } from "../spec/mod.ts";
import type { TriggeredStart, TriggerHost } from "./trigger.ts";
import { openWebhookTrigger, type Reception, type WebhookTrigger } from "./webhook.ts";

/** What a test tries a webhook with. */
export interface WebhookBench {
  readonly trigger: WebhookTrigger;
  readonly clock: FakeClock;
  /** Runs that were started, in order. */
  readonly started: readonly { readonly input: JsonValue; readonly start: TriggeredStart }[];
  readonly log: readonly string[];
  readonly counts: readonly string[];
  send(headers: Record<string, string>, body: string | Uint8Array): Promise<Reception>;
}

/** Opens a webhook over a host that remembers what was started, and by which key. */
export function openBench(
  spec: Partial<WebhookTriggerSpec>,
  { secrets = {}, now = 1_790_000_000_000, insecure }: {
    readonly secrets?: Secrets;
    readonly now?: number;
    readonly insecure?: boolean;
  } = {},
): WebhookBench {
  const clock = new FakeClock(now);
  const started: { input: JsonValue; start: TriggeredStart }[] = [];
  const runs = new Map<string, string>();
  const log: string[] = [];
  const counts: string[] = [];
  const host: TriggerHost = {
    workflow: "test-flow",
    clock,
    random: () => 0,
    config: {},
    secrets,
    redactor: createRedactor(secrets),
    start(input, start) {
      const { scope = "", key = crypto.randomUUID() } = start.idempotency ?? {};
      const known = runs.get(`${scope} ${key}`);
      const runId = known ?? `run-${started.length + 1}`;
      runs.set(`${scope} ${key}`, runId);
      if (known === undefined) started.push({ input, start });
      return Promise.resolve({
        runId,
        isNew: known === undefined,
        // No webhook waits for it.
        result: new Promise(() => {}),
        cancel() {},
      });
    },
    running: () => [],
    getState: () => Promise.resolve(undefined),
    updateState: () => Promise.reject(new Error("a webhook has no state")),
    log: (level, message, fields) => void log.push(`${level} ${message} ${JSON.stringify(fields)}`),
    count: (name, metric, value) => void counts.push(`${name} ${metric} ${value}`),
  };
  const trigger = openWebhookTrigger(
    {
      type: "webhook",
      name: undefined,
      path: "/hook",
      verify: undefined,
      secret: undefined,
      events: undefined,
      toleranceMs: 300_000,
      ...spec,
    },
    host,
    insecure === undefined ? {} : { insecure },
  );
  return {
    trigger,
    clock,
    started,
    log,
    counts,
    send: (headers, body) =>
      trigger.receive({
        headers: new Headers(headers),
        body: typeof body === "string" ? new TextEncoder().encode(body) : body,
      }),
  };
}
