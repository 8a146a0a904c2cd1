import {
  type Authenticator,
  AuthorizationError,
  type ConnectionOptions,
  credsAuthenticator,
  errors,
  type NatsConnection,
  NatsConnectionImpl,
  nkeyAuthenticator,
  setTransportFactory,
} from "@nats-io/transport-node";
import { nodeResolveHost } from "@nats-io/transport-node/lib/node_transport.js";
import { CodedError } from "../../errors/mod.ts";
import { EitherTransport } from "./either_transport.ts";
import type { NatsCredentials, NatsSettings } from "./nats_settings.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** Two pings without an answer, and the connection is taken for dead. */
const PING_INTERVAL_MS = 20_000;
const FIRST_RECONNECT_MS = 50;
const MAX_RECONNECT_MS = 5_000;

/** What a connection is called at the server, and how it waits. */
export interface DialOptions {
  readonly name: string;
  /** Even in [0, 1). */
  random(): number;
}

/**
 * Connects, once. From then on the connection comes back by itself, for ever, unless the server refuses its
 * credentials.
 *
 * @throws {CodedError} `TRIGGER_UNAVAILABLE`
 */
export async function dial(settings: NatsSettings, options: DialOptions): Promise<NatsConnection> {
  const { servers, requiresTls, ca, credentials } = settings;
  const delays = new ReconnectDelays(options.random);
  const isWeb = servers.some((server) => /^wss?:/.test(server));
  try {
    const authenticator = authenticatorOf(credentials);
    const connection = await connect({
      servers: [...servers],
      name: options.name,
      timeout: CONNECT_TIMEOUT_MS,
      pingInterval: PING_INTERVAL_MS,
      maxReconnectAttempts: -1,
      reconnectDelayHandler: () => delays.current(),
      noAsyncTraces: true,
      ...(authenticator === undefined ? {} : { authenticator }),
      // Names belong to the address of a WebSocket, and what a server tells of others are no such addresses.
      ...(isWeb ? { resolve: false, ignoreClusterUpdates: true } : {}),
      ...(requiresTls && !isWeb ? { tls: ca === undefined ? {} : { ca } } : {}),
    });
    void delays.follow(connection);
    return connection;
  } catch (error) {
    throw explain(error, settings);
  }
}

/** The library's `connect`, over transports of our own: the same ones each time, as it keeps one kind for a process. */
function connect(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({
    factory: () => new EitherTransport(),
    dnsResolveFn: nodeResolveHost,
  });
  return NatsConnectionImpl.connect(options);
}

/** Doubles the wait with each attempt; a connection that stands starts it anew. */
class ReconnectDelays {
  readonly #random: () => number;
  #attempts = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Asked more often than there are attempts. */
  current(): number {
    const fullMs = Math.min(
      FIRST_RECONNECT_MS * 2 ** Math.min(this.#attempts, 20),
      MAX_RECONNECT_MS,
    );
    return fullMs / 2 + this.#random() * fullMs / 2;
  }

  async follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === "reconnecting") this.#attempts++;
      else if (type === "reconnect") this.#attempts = 0;
    }
  }
}

function authenticatorOf(credentials: NatsCredentials): Authenticator | undefined {
  const encoder = new TextEncoder();
  switch (credentials.kind) {
    case "none":
      return undefined;
    case "token":
      return () => ({ auth_token: credentials.token });
    case "user":
      return () => ({ user: credentials.user, pass: credentials.password });
    case "creds":
      return credsAuthenticator(encoder.encode(credentials.text));
    case "nkey":
      return nkeyAuthenticator(encoder.encode(credentials.seed));
  }
}

/** What went wrong, in words that name the key to change. Never holds a credential. */
export function explain(error: unknown, settings: NatsSettings): CodedError {
  const servers = settings.servers.join(", ");
  const { state, fix } = stateOf(error, settings);
  return new CodedError(
    "TRIGGER_UNAVAILABLE",
    `Cannot connect to "${servers}" as a queue trigger listens there: ${state}`,
    { fix, cause: error },
  );
}

function stateOf(error: unknown, settings: NatsSettings): { state: string; fix: string } {
  const { kind } = settings.credentials;
  if (
    error instanceof AuthorizationError || error instanceof errors.UserAuthenticationExpiredError
  ) {
    return kind === "none"
      ? {
        state: "the server wants credentials, and the secrets of nats hold none",
        fix: `mkdir -p .secrets && echo '{"token": "…"}' > .secrets/nats.json`,
      }
      : {
        state: `the server refuses the ${
          kind === "user" ? "user and password" : kind
        } of the secrets`,
        fix: "Correct .secrets/nats.json: token, user and password, nkey or creds",
      };
  }
  const message = messageOf(error);
  if (/refused/i.test(message)) {
    return {
      state: "nothing listens there",
      fix: `Start the server, or correct config.nats_url in workflow.yaml`,
    };
  }
  if (/certificate|issuer|tls|ssl/i.test(message)) {
    return {
      state: message,
      fix: "Name the authority's certificate in workflow.yaml: config: { nats_ca: ./ca.pem }",
    };
  }
  return { state: message, fix: "Check config.nats_url in workflow.yaml" };
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : "the connection failed";
}
