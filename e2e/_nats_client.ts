import assert from "node:assert/strict";
import {
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { dial } from "../engine/triggers/nats/mod.ts";
import type { NatsServer } from "./_nats_server.ts";

/** Somebody else who is connected to a server: who publishes, and who looks at its streams. */
export interface NatsClient extends AsyncDisposable {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly stream: JetStreamClient;
}

/**
 * Connects, past the relay that a test may cut. As the engine does it: with the library alone a reset may end the
 * process.
 */
export async function natsClient({ directUrl, token }: NatsServer): Promise<NatsClient> {
  const connection = await dial({
    servers: [directUrl],
    requiresTls: false,
    ca: undefined,
    credentials: { kind: "token", token },
    mayCreate: false,
  }, { name: "a test", random: () => 0 });
  return {
    connection,
    manager: await jetstreamManager(connection),
    stream: jetstream(connection),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

const PATIENCE_MS = 60_000;

/** Resolves when nothing of ORDERS is left for a consumer: nothing new, nothing unacknowledged. */
export async function untilSettled({ manager }: NatsClient, durable = "worker"): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { num_pending, num_ack_pending } = await manager.consumers.info("ORDERS", durable);
    if (num_pending === 0 && num_ack_pending === 0) return;
    const left = `${durable}: ${num_pending} new, ${num_ack_pending} not acknowledged`;
    assert.ok(performance.now() < deadline, left);
  }
}
