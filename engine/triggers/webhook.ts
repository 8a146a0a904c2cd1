import { CodedError, type PdError } from "../errors/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { WebhookTriggerSpec } from "../spec/mod.ts";
import type { Trigger, TriggerHost } from "./trigger.ts";
import {
  type Delivery,
  type Greeting,
  readInput,
  SCHEMES,
  sha256,
  shownHeaders,
  UNVERIFIED,
  type WebhookScheme,
} from "./webhook/mod.ts";

/** How long a delivery is known again, at least. */
export const DELIVERY_TTL_MS = 24 * 3_600_000;
/** A refusal is logged at most once in so long: anybody can cause one. */
const LOG_EVERY_MS = 10_000;
const MAX_KEY_CHARS = 200;

/** How a webhook trigger is opened. */
export interface WebhookTriggerOptions {
  /** Whether one without `verify` takes what anybody sends: `--insecure-webhooks`. */
  readonly insecure?: boolean;
  /** Whether it refuses whatever comes until it goes on. */
  readonly isPaused?: boolean;
}

/** What became of a delivery. */
export type Reception =
  /** `isNew` is false for a repetition, which started nothing. */
  | { readonly status: "accepted"; readonly runId: string; readonly isNew: boolean }
  /** It is of an event that `events:` does not list. */
  | { readonly status: "ignored" }
  /** The sender wants this answer, and no run. */
  | { readonly status: "greeted"; readonly greeting: Greeting };

/** A webhook at work: the server hands it what arrives at its path. */
export interface WebhookTrigger extends Trigger {
  readonly type: "webhook";
  /** Behind `/hooks`. */
  readonly path: string;
  /** Why it takes nothing at the moment: the same error that `receive` throws. */
  readonly obstacle: PdError | undefined;
  /**
   * Verifies a delivery and starts a run of it, once however often it comes. Resolves when the run is accepted.
   * `admit` is called before a new one is, and refuses it by throwing.
   *
   * @throws {PdError} `WEBHOOK_UNVERIFIED`, `WEBHOOK_REFUSED`, `TRIGGER_UNAVAILABLE`, `BAD_REQUEST`,
   * `UNSUPPORTED_MEDIA_TYPE`, and what starting a run throws
   */
  receive(delivery: Delivery, admit?: () => void): Promise<Reception>;
}

/**
 * Opens a webhook trigger. One that cannot verify its sender, as its secret is missing or it has no `verify`,
 * says so once in the log and refuses every delivery.
 */
export function openWebhookTrigger(
  spec: WebhookTriggerSpec,
  host: TriggerHost,
  options: WebhookTriggerOptions = {},
): WebhookTrigger {
  const trigger = new OpenWebhook(spec, host, options);
  const { obstacle, name } = trigger;
  if (options.isPaused) return trigger;
  if (obstacle !== undefined) {
    host.log("warn", `${obstacle.code} ${obstacle.message}`, {
      trigger: name,
      ...obstacle.fix === undefined ? {} : { fix: obstacle.fix },
    });
  } else if (spec.verify === undefined) {
    host.log("warn", `anybody who reaches /hooks${spec.path} starts a run: it verifies nothing`, {
      trigger: name,
    });
  }
  return trigger;
}

/** What a webhook trigger is called: its own name, else its path. */
export function webhookTriggerName(
  { name, path }: Pick<WebhookTriggerSpec, "name" | "path">,
): string {
  return name ?? path;
}

class OpenWebhook implements WebhookTrigger {
  readonly type = "webhook";
  readonly name: string;
  readonly path: string;
  readonly obstacle: PdError | undefined;
  readonly #spec: WebhookTriggerSpec;
  readonly #host: TriggerHost;
  readonly #scheme: WebhookScheme;
  readonly #secret: string | undefined;
  readonly #receiving = new Set<Promise<unknown>>();
  #isDrained = false;
  #loggedAt = -Infinity;
  #unlogged = 0;

  constructor(
    spec: WebhookTriggerSpec,
    host: TriggerHost,
    { insecure = false, isPaused = false }: WebhookTriggerOptions,
  ) {
    this.name = webhookTriggerName(spec);
    this.path = spec.path;
    this.#spec = spec;
    this.#host = host;
    this.#scheme = spec.verify === undefined ? UNVERIFIED : SCHEMES[spec.verify];
    this.#secret = findSecret(spec.secret, host);
    if (isPaused) this.obstacle = paused(spec);
    else if (spec.verify === undefined) this.obstacle = insecure ? undefined : unverified(spec);
    else if (this.#secret === undefined) this.obstacle = noSecret(spec);
  }

  async receive(delivery: Delivery, admit?: () => void): Promise<Reception> {
    if (this.#isDrained) throw stopped(this.#spec);
    const received = this.#receive(delivery, admit);
    this.#receiving.add(received);
    try {
      return await received;
    } finally {
      this.#receiving.delete(received);
    }
  }

  async drain(): Promise<void> {
    this.#isDrained = true;
    await Promise.allSettled(this.#receiving);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  async #receive(delivery: Delivery, admit?: () => void): Promise<Reception> {
    this.#verify(delivery);
    const input = readInput(delivery);
    const events = this.#scheme.events(delivery, input);
    const wanted = this.#spec.events;
    const isWanted = wanted === undefined || events.some((event) => wanted.includes(event));
    const greeting = this.#scheme.greet(delivery, input);
    if (greeting !== undefined && (wanted === undefined || !isWanted)) {
      return { status: "greeted", greeting };
    }
    if (!isWanted) return { status: "ignored" };
    const key = boundedKey(this.#scheme.key(delivery, input));
    const { runId, isNew } = await this.#host.start(input, {
      trigger: this.#describe(delivery, { event: events[0], key }),
      ...admit === undefined ? {} : { admit },
      ...key === undefined ? {} : {
        idempotency: {
          scope: `webhook:${this.path}`,
          key,
          // A delivery must not be forgotten while its time is still accepted.
          ttlMs: Math.max(DELIVERY_TTL_MS, 2 * this.#spec.toleranceMs),
        },
      },
    });
    if (!isNew) this.#host.count(this.name, "redelivered", 1);
    return { status: "accepted", runId, isNew };
  }

  #verify(delivery: Delivery): void {
    if (this.obstacle !== undefined) throw this.obstacle;
    const flaw = this.#scheme.flaw(delivery, {
      secret: this.#secret ?? "",
      now: this.#host.clock.now(),
      toleranceMs: this.#spec.toleranceMs,
    });
    if (flaw === undefined) return;
    this.#host.count(this.name, "refused", 1);
    this.#logRefusal(flaw);
    throw refused(this.#spec);
  }

  #describe(
    { headers }: Delivery,
    { event, key }: { readonly event: string | undefined; readonly key: string | undefined },
  ): JsonObject {
    return {
      type: "webhook",
      name: this.name,
      path: this.path,
      ...event === undefined ? {} : { event },
      ...key === undefined ? {} : { delivery: key },
      headers: shownHeaders(headers),
    };
  }

  #logRefusal(flaw: string): void {
    const now = this.#host.clock.now();
    if (now - this.#loggedAt < LOG_EVERY_MS) {
      this.#unlogged++;
      return;
    }
    this.#host.log("warn", `a delivery to /hooks${this.path} was refused: ${flaw}`, {
      trigger: this.name,
      ...this.#unlogged === 0 ? {} : { refusedSinceLastLine: this.#unlogged },
    });
    this.#loggedAt = now;
    this.#unlogged = 0;
  }
}

function paused({ path }: WebhookTriggerSpec): PdError {
  return new CodedError(
    "TRIGGER_UNAVAILABLE",
    `Cannot take a delivery at "/hooks${path}" as its trigger has to be at work: it is paused`,
    { fix: "Let the trigger go on, and send the delivery again" },
  );
}

/** `service.key`, or a service whose file is the secret. An empty one proves nothing. */
function findSecret(name: string | undefined, { secrets }: TriggerHost): string | undefined {
  if (name === undefined) return undefined;
  const dot = name.indexOf(".");
  const service = dot < 0 ? name : name.slice(0, dot);
  const key = dot < 0 ? "value" : name.slice(dot + 1);
  const keys = Object.hasOwn(secrets, service) ? secrets[service] : undefined;
  const secret = keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined;
  return secret === "" ? undefined : secret;
}

/** Ids are short; what else a sender calls one is kept by its digest. */
function boundedKey(key: string | undefined): string | undefined {
  if (key === undefined || key === "") return undefined;
  return key.length <= MAX_KEY_CHARS && /^[\x21-\x7e]+$/.test(key) ? key : sha256(key);
}

function unverified({ path }: WebhookTriggerSpec): CodedError {
  return new CodedError(
    "WEBHOOK_UNVERIFIED",
    `Cannot take deliveries at "/hooks${path}" as a webhook needs verify: it has none, so anybody could start runs`,
    {
      fix:
        "Add to the trigger: verify: hmac and secret: hooks.secret (or start with --insecure-webhooks to try it out)",
    },
  );
}

function noSecret({ path, secret = "" }: WebhookTriggerSpec): CodedError {
  const [service = "", key] = secret.split(/\.(.*)/s);
  const place = key === undefined ? `.secrets/${service}` : `.secrets/${service}.json`;
  const content = key === undefined ? "…" : JSON.stringify({ [key]: "…" });
  return new CodedError(
    "TRIGGER_UNAVAILABLE",
    `Cannot take deliveries at "/hooks${path}" as verified: the secret "${secret}" is missing`,
    { fix: `mkdir -p .secrets && echo '${content}' > ${place}` },
  );
}

/** Says nothing of what was wrong: whoever forges a delivery must not learn how far he came. */
function refused({ path }: WebhookTriggerSpec): CodedError {
  return new CodedError(
    "WEBHOOK_REFUSED",
    `Cannot take this delivery at "/hooks${path}" as its sender's: it is not verified`,
    { fix: "The engine's log says why" },
  );
}

function stopped({ path }: WebhookTriggerSpec): CodedError {
  return new CodedError(
    "DRAINING",
    `Cannot take deliveries at "/hooks${path}" as asked: the engine is shutting down`,
    { fix: "Deliver it again in a few seconds" },
  );
}
