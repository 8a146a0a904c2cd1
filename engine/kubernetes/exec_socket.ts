import type { ApiClient } from "./client.ts";
import { KubernetesError } from "./kubernetes_error.ts";

/** A command in a container that runs. */
export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly hasStdin: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Where what a command writes goes. Nothing further is read until what they answer has settled. */
export interface ExecOutput {
  onStdout(bytes: Uint8Array): Promise<void> | void;
  onStderr(bytes: Uint8Array): Promise<void> | void;
}

/** A command that runs. */
export interface ExecStreams extends Disposable {
  /** Resolves when it has left. */
  write(bytes: Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  /**
   * Reads to the end of the command, once: its exit code; undefined when the connection ended without one.
   *
   * @throws {KubernetesError} `KUBERNETES_REFUSED` when the command could not be started
   */
  read(output: ExecOutput): Promise<number | undefined>;
  /** Leaves. The command is not ended by that. */
  [Symbol.dispose](): void;
}

/** The first with a way to end stdin; from Kubernetes 1.30 on. */
const PROTOCOL = "v5.channel.k8s.io";
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const CLOSE = 255;
/** Shorter than the patience of load balancers with a connection that nothing comes over. */
const PING_EVERY_MS = 30_000;
const MAX_MESSAGE_BYTES = 64 * 1024;

/** The message on the channel of the status. */
interface ExecStatus {
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
  };
}

/**
 * Starts a command in a container, its streams apart. A command that ends while more of its stdin is on the way
 * may never be told as ended: let it read to the end, or tell its end itself.
 *
 * @throws {KubernetesError}
 */
export async function openExec(client: ApiClient, request: ExecRequest): Promise<ExecStreams> {
  const { namespace, pod, container, command, hasStdin } = request;
  const socket = await client.openSocket({
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/exec`,
    query: {
      container,
      command,
      ...hasStdin ? { stdin: "true" } : {},
      stdout: "true",
      stderr: "true",
    },
    signal: request.signal,
  }, PROTOCOL);
  const pinging = setInterval(() => void socket.ping().catch(() => {}), PING_EVERY_MS);
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; at += MAX_MESSAGE_BYTES) {
        await socket.send(
          new Uint8Array([STDIN]),
          bytes.subarray(at, at + MAX_MESSAGE_BYTES),
        );
      }
    },
    closeStdin: () => socket.send(new Uint8Array([CLOSE, STDIN])),
    async read(output) {
      for (let message; (message = await socket.receive()) !== undefined;) {
        const bytes = message.subarray(1);
        if (message[0] === STATUS) return codeOf(JSON.parse(new TextDecoder().decode(bytes)));
        if (bytes.length === 0) continue;
        if (message[0] === STDOUT) await output.onStdout(bytes);
        if (message[0] === STDERR) await output.onStderr(bytes);
      }
      return undefined;
    },
    [Symbol.dispose]() {
      clearInterval(pinging);
      socket.close();
    },
  };
}

function codeOf({ status, message = "", reason, details }: ExecStatus): number {
  if (status === "Success") return 0;
  const code = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  if (code !== undefined) return Number(code);
  throw new KubernetesError(
    "KUBERNETES_REFUSED",
    `Cannot run a command in a container as the node refuses: ${message}`,
    { reason, said: message },
  );
}
