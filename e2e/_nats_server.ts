import { ensurePackage, type PackageState } from "./packages.ts";
import { accepts, freePort, type ServerProcess, startServerProcess } from "./_server_process.ts";
import { startTcpRelay } from "./_tcp_relay.ts";
import { makeCertificates } from "./_certificates.ts";

/** A NATS server of one suite: a port and a store of its own, and nothing left at the end. */
export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:…`, or `tls://…` with `tls`. A connection that `cutConnections` can cut. */
  readonly url: string;
  /** The same server without the relay between. */
  readonly directUrl: string;
  readonly token: string;
  /** PEM file of the authority that signed the server's certificate; undefined without `tls`. */
  readonly caFile: string | undefined;
  /** Closes every connection through `url`, both ways; clients may come back at once. */
  cutConnections(): void;
  /** Ends it in order: clients are told, the store is written. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store, after `stop` or `kill`; resolves when it answers. */
  start(): Promise<void>;
}

/** What `startNats` can be told. */
export interface NatsServerOptions {
  /** A certificate for 127.0.0.1 and localhost, from an authority made for this server. */
  readonly tls?: boolean;
  /** Instead of the token: lines for the server's `authorization` block. */
  readonly authorization?: string;
  /** More lines for the server's configuration. */
  readonly config?: string;
}

/**
 * Whether nats-server can be had here; installs Debian's package when it may. Ask at the top of a suite:
 *
 * ```text
 * const nats = await findNats();
 * Deno.test({
 *   name: "a message starts a run",
 *   ignore: nats.status === "missing",
 *   async fn() {
 *     await using server = await startNats({ tls: true });
 *     await runWorkflowAgainst(server.url, server.token, server.caFile);
 *   },
 * });
 * ```
 */
export async function findNats(): Promise<PackageState> {
  return await ensurePackage("nats-server", "nats-server");
}

/** Starts a private NATS server with a random token and JetStream. */
export async function startNats(options: NatsServerOptions = {}): Promise<NatsServer> {
  const found = await findNats();
  if (found.status === "missing") throw new Error(found.reason);
  const folder = await Deno.makeTempDir({ prefix: "pd_nats_" });
  const port = freePort();
  const token = crypto.randomUUID();
  const scheme = options.tls ? "tls" : "nats";
  let server: ServerProcess | undefined;

  async function start(): Promise<void> {
    server = await startServerProcess({
      command: found.status === "ready" ? found.path : "nats-server",
      args: ["-c", `${folder}/nats.conf`],
      logFile: `${folder}/server.log`,
      isReady: () => accepts(port),
    });
  }

  try {
    const tls = options.tls
      ? `tls { cert_file: "${folder}/server.pem", key_file: "${folder}/server.key", timeout: 5 }`
      : "";
    if (options.tls) await makeCertificates(folder);
    await Deno.writeTextFile(
      `${folder}/nats.conf`,
      `host: 127.0.0.1
port: ${port}
jetstream { store_dir: "${folder}/store" }
authorization { ${options.authorization ?? `token: "${token}"`} }
${tls}
${options.config ?? ""}
`,
    );
    await start();
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
  const relay = startTcpRelay(port);

  return {
    url: `${scheme}://127.0.0.1:${relay.port}`,
    directUrl: `${scheme}://127.0.0.1:${port}`,
    token,
    caFile: options.tls ? `${folder}/ca.pem` : undefined,
    cutConnections: relay.cut,
    stop: async () => await server?.end("SIGINT"),
    kill: async () => await server?.end("SIGKILL"),
    start,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await server?.end("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    },
  };
}
