import {
  AckPolicy,
  type ConsumerInfo,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos, type NatsConnection } from "@nats-io/transport-node";
import { CodedError } from "../../errors/mod.ts";
import { addStream, streamNameFor } from "./publish_stored.ts";
import { coversSubject, matchesSubject } from "./subjects.ts";

/** What a consumer must look like. */
export interface ConsumerPlan {
  /** Found by the subject when undefined. */
  readonly stream: string | undefined;
  readonly durable: string;
  readonly subject: string;
  /** All subjects of the trigger: those of a stream that has to be created. */
  readonly subjects: readonly string[];
  readonly deadLetter: string;
  readonly maxInFlight: number;
  /** May create a stream that is not there. */
  readonly mayCreate: boolean;
}

/** A consumer that is there. */
export interface ReadyConsumer {
  readonly stream: string;
  readonly durable: string;
  /** How long the server waits for a sign before it delivers again. */
  readonly ackWaitMs: number;
  /** After so many deliveries the server itself stops; undefined when it never does. */
  readonly maxDeliver: number | undefined;
  /** Most messages that one request may ask for; undefined when any number will do. */
  readonly maxBatch: number | undefined;
  /** Longest time that a request may stand; undefined when any will do. */
  readonly maxExpiresMs: number | undefined;
}

const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const ACK_WAIT_MS = 30_000;
/** Tells a consumer that this engine has made, and may change, from those of others. */
const DESCRIPTION = "queue trigger of pd";

/**
 * Finds the durable pull consumer of a trigger, or creates it; a stream is created only where that is allowed,
 * as how long it keeps what is not for a trigger to decide.
 *
 * @throws {CodedError} `TRIGGER_UNAVAILABLE`, with the command that helps
 */
export async function ensureConsumer(
  connection: NatsConnection,
  plan: ConsumerPlan,
): Promise<ReadyConsumer> {
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const stream = await findStream(manager, plan);
    if (
      stream.config.retention === RetentionPolicy.Workqueue &&
      matchesSubject(plan.subject, plan.deadLetter)
    ) throw swallowsItsLetters(plan);
    return checked(await findConsumer(manager, stream, plan), plan);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw unavailable(
      plan,
      error instanceof Error ? error.message : "JetStream does not answer",
      "Start the server with JetStream: nats-server -js",
      error,
    );
  }
}

/**
 * Makes sure that a stream takes the dead letters of a trigger.
 *
 * @throws {CodedError} `TRIGGER_UNAVAILABLE` when there is none and none may be created
 */
export async function ensureDeadLetters(
  connection: NatsConnection,
  { deadLetter, mayCreate }: ConsumerPlan,
): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  try {
    await manager.streams.find(deadLetter);
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (mayCreate) {
      await manager.streams.add({ name: streamNameFor(deadLetter), subjects: [deadLetter] });
      return;
    }
    throw new CodedError(
      "TRIGGER_UNAVAILABLE",
      `Cannot give messages up to "${deadLetter}" as a stream must keep them: no stream has that subject; until then they stay where they are`,
      { fix: addStream(deadLetter) },
    );
  }
}

async function findStream(manager: JetStreamManager, plan: ConsumerPlan): Promise<StreamInfo> {
  const { stream, subject, subjects } = plan;
  try {
    return await manager.streams.info(stream ?? await manager.streams.find(subject));
  } catch (error) {
    if (!isMissing(error, STREAM_NOT_FOUND)) throw error;
    const name = stream ?? plan.durable;
    if (plan.mayCreate) return await manager.streams.add({ name, subjects: [...subjects] });
    throw unavailable(
      plan,
      stream === undefined
        ? `no stream has the subject ${subject}`
        : `there is no stream ${stream}`,
      `nats stream add ${name} --subjects="${subjects.join(",")}" --defaults`,
      error,
    );
  }
}

async function findConsumer(
  manager: JetStreamManager,
  stream: StreamInfo,
  plan: ConsumerPlan,
): Promise<ConsumerInfo> {
  const { durable, subject, maxInFlight } = plan;
  const { name } = stream.config;
  try {
    const info = await manager.consumers.info(name, durable);
    if (isFitting(info, { stream, plan })) return info;
    if (info.config.description !== DESCRIPTION) throw notFitting(info, plan);
    return await manager.consumers.update(name, durable, { filter_subject: subject });
  } catch (error) {
    if (!isMissing(error, CONSUMER_NOT_FOUND)) throw error;
    return await manager.consumers.add(name, {
      durable_name: durable,
      description: DESCRIPTION,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      filter_subject: subject,
      // The engine counts by runs, and gives a message up itself.
      max_deliver: -1,
      // What waits for its next delivery counts too.
      max_ack_pending: Math.max(1_000, maxInFlight * 8),
    });
  }
}

function checked({ stream_name, name, config }: ConsumerInfo, plan: ConsumerPlan): ReadyConsumer {
  if (config.deliver_subject !== undefined || config.ack_policy !== AckPolicy.Explicit) {
    throw unavailable(
      plan,
      `the consumer ${name} is there, and is no pull consumer with explicit acknowledgement`,
      `nats consumer rm ${stream_name} ${name} --force`,
    );
  }
  return {
    stream: stream_name,
    durable: name,
    ackWaitMs: config.ack_wait === undefined ? ACK_WAIT_MS : config.ack_wait / 1_000_000,
    maxDeliver: limitOf(config.max_deliver),
    maxBatch: limitOf(config.max_batch),
    maxExpiresMs: limitOf((config.max_expires ?? 0) / 1_000_000),
  };
}

/** Zero and below stand for no limit. */
function limitOf(value: number | undefined): number | undefined {
  return value === undefined || value <= 0 ? undefined : value;
}

/** Whether a consumer delivers what the plan wants, and nothing that no subject of the trigger stands for. */
function isFitting(
  { config }: ConsumerInfo,
  { stream, plan }: { readonly stream: StreamInfo; readonly plan: ConsumerPlan },
): boolean {
  const own = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : []);
  const delivered = own.length > 0 ? own : stream.config.subjects ?? [];
  return delivered.some((filter) => coversSubject(filter, plan.subject)) &&
    delivered.every((filter) => plan.subjects.some((subject) => coversSubject(subject, filter)));
}

/** Whether an error says that a stream or a consumer is not there. */
export function isMissing(error: unknown, code: number = STREAM_NOT_FOUND): boolean {
  if (error instanceof JetStreamApiError) return error.code === code;
  return code === STREAM_NOT_FOUND && error instanceof Error &&
    /no stream matches/.test(error.message);
}

function notFitting({ stream_name, name }: ConsumerInfo, plan: ConsumerPlan): CodedError {
  return unavailable(
    plan,
    `the consumer ${name} is there, and delivers other subjects`,
    `nats consumer edit ${stream_name} ${name} --filter="${plan.subject}"`,
  );
}

function swallowsItsLetters({ subject, deadLetter }: ConsumerPlan): CodedError {
  return new CodedError(
    "TRIGGER_UNAVAILABLE",
    `Cannot listen to "${subject}" as dead letters go to ${deadLetter}: the trigger would take them out of its work queue itself`,
    {
      fix: `Add to the trigger in workflow.yaml: dead_letter: dlq.${
        deadLetter.replace(/\.dlq$/, "")
      }`,
    },
  );
}

function unavailable(plan: ConsumerPlan, state: string, fix: string, cause?: unknown): CodedError {
  return new CodedError(
    "TRIGGER_UNAVAILABLE",
    `Cannot listen to "${plan.subject}" as a queue trigger of JetStream: ${state}`,
    { fix, ...(cause === undefined ? {} : { cause }) },
  );
}
