import { type Clock, sleep } from "../../clock/mod.ts";
import { PdError } from "../../errors/mod.ts";
import type { QueueTriggerSpec } from "../../spec/mod.ts";
import type { Trigger, TriggerHost } from "../trigger.ts";
import { CoreListener } from "./core_listener.ts";
import { deadLetterSubject, usesJetStream } from "./dead_letter_subject.ts";
import type { Link } from "./link.ts";
import { MessageHandler } from "./message_handler.ts";
import { type NatsSettings, readNatsSettings } from "./nats_settings.ts";
import { durableName, queueTriggerName } from "./queue_trigger_name.ts";
import { RateLimit } from "./rate_limit.ts";
import { report } from "./report.ts";
import { shareLink } from "./shared_link.ts";
import { Slots } from "./slots.ts";
import { StreamConsumer } from "./stream_consumer.ts";

const MAX_OPEN_MS = 2_000;

/** What a trigger is opened with beside its host. */
export interface QueueTriggerOptions {
  /** What relative paths in the configuration start from: the workflow folder. The current one by default. */
  readonly dir?: string;
}

/** Something that takes messages. */
interface Listener {
  start(): void;
  drain(): Promise<void>;
  stop(): void;
}

/**
 * Starts a run for each message of a subject: of core NATS, or with `stream` or `durable` of JetStream. Resolves
 * once it listens, or has found that it cannot yet. Never rejects for a server that is away, wrong credentials
 * or missing settings: it warns, goes on without, and listens as soon as it can.
 */
export async function openQueueTrigger(
  spec: QueueTriggerSpec,
  host: TriggerHost,
  { dir = "." }: QueueTriggerOptions = {},
): Promise<Trigger> {
  const name = queueTriggerName(spec);
  let settings: NatsSettings;
  try {
    settings = await readNatsSettings({ config: host.config, secrets: host.secrets, dir });
  } catch (error) {
    report(host, error, "");
    return idle(name, error);
  }
  if (settings.credentials.kind === "none") {
    host.log(
      "warn",
      `TRIGGER_UNAVAILABLE: Cannot log in for "${name}" as the secrets of nats hold no token: it goes on without`,
      { fix: `mkdir -p .secrets && echo '{"token": "…"}' > .secrets/nats.json` },
    );
  }
  const shared = shareLink(settings, host);
  const draining = new AbortController();
  const stopped = new AbortController();
  const listeners = createListeners(spec, {
    name,
    host,
    settings,
    link: shared.link,
    draining: draining.signal,
    stopped: stopped.signal,
  });
  for (const listener of listeners) listener.start();
  await settled(shared.link.tried, host.clock);
  return {
    type: "queue",
    name,
    async drain() {
      draining.abort();
      await Promise.all(listeners.map((listener) => listener.drain()));
    },
    async [Symbol.asyncDispose]() {
      draining.abort();
      stopped.abort();
      for (const listener of listeners) listener.stop();
      await shared[Symbol.asyncDispose]();
    },
  };
}

interface ListenerParts {
  readonly name: string;
  readonly host: TriggerHost;
  readonly settings: NatsSettings;
  readonly link: Link;
  readonly draining: AbortSignal;
  readonly stopped: AbortSignal;
}

function createListeners(spec: QueueTriggerSpec, parts: ListenerParts): readonly Listener[] {
  const { name, host, link } = parts;
  const slots = new Slots(spec.maxInFlight);
  const limit = spec.rateLimit === undefined
    ? undefined
    : new RateLimit(spec.rateLimit, host.clock);
  if (!usesJetStream(spec)) {
    return [new CoreListener({ spec, slots, limit, ...parts })];
  }
  const durable = durableName(spec, host.workflow);
  const handler = new MessageHandler({
    spec,
    slots,
    limit,
    scope: `queue:${spec.stream ?? name}:${durable}`,
    ...parts,
  });
  // One consumer per subject: a single one with several filters needs a server of 2.10.
  const consumers: StreamConsumer[] = spec.subjects.map((subject, index) =>
    new StreamConsumer({
      plan: {
        stream: spec.stream,
        durable: index === 0 ? durable : `${durable}-${index + 1}`,
        subject,
        subjects: spec.subjects,
        deadLetter: deadLetterSubject(spec, subject),
        maxInFlight: spec.maxInFlight,
        mayCreate: parts.settings.mayCreate,
      },
      host,
      link,
      room: () => spec.maxInFlight - consumers.reduce((sum, one) => sum + one.held, 0),
      handle: (delivery, consumer) => handler.handle(delivery, consumer),
    })
  );
  return consumers;
}

/** A server that does not answer at all does not keep the engine from starting. */
async function settled(tried: Promise<void>, clock: Clock): Promise<void> {
  const abort = new AbortController();
  await Promise.race([tried, sleep(MAX_OPEN_MS, clock, abort.signal)]);
  abort.abort();
}

/** A trigger that can never start anything, and why. */
function idle(name: string, reason: unknown): Trigger {
  return {
    type: "queue",
    name,
    obstacle: reason instanceof PdError ? reason : undefined,
    drain: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
