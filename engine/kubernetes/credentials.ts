import { isAbsolute, join } from "node:path";
import type { Credentials } from "./cluster.ts";
import { KubernetesError } from "./kubernetes_error.ts";

/** A user of a kubeconfig. */
export interface AuthConfig {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: ExecPlugin;
  readonly "auth-provider"?: { readonly name?: string };
}

interface ExecPlugin {
  readonly apiVersion?: string;
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly provideClusterInfo?: boolean;
}

/** What a user is resolved with. */
export interface CredentialsFrom {
  /** Of the kubeconfig: its paths are relative to that. */
  readonly dir: string;
  readonly cluster: { readonly server: string; readonly ca: string | undefined };
  readonly env: (name: string) => string | undefined;
  readonly now: () => number;
  dataOrFile(
    data: string | undefined,
    file: string | undefined,
    dir: string,
  ): Promise<string | undefined>;
}

/** Token files are written anew by the kubelet; a minute is what its own client library keeps one. */
const TOKEN_FILE_MS = 60_000;
/** A token that ends sooner is asked for again. */
const SPARE_MS = 60_000;
const PLUGIN_LIMIT_MS = 60_000;

/** A way to ask who asks: from a token, a file, certificates, or a program. */
export function credentialsOf(
  user: AuthConfig,
  from: CredentialsFrom,
): () => Promise<Credentials> {
  if (user["auth-provider"] !== undefined) {
    const name = user["auth-provider"].name;
    return () =>
      Promise.reject(invalid(`auth-provider "${name}" is not supported, as in kubectl since 1.26`));
  }
  let known: { readonly credentials: Credentials; readonly untilMs: number } | undefined;
  let asking: Promise<Credentials> | undefined;
  async function ask(): Promise<Credentials> {
    const { exec } = user;
    known = exec === undefined
      ? { credentials: await fromConfig(user, from), untilMs: from.now() + TOKEN_FILE_MS }
      : await fromPlugin(exec, from);
    return known.credentials;
  }
  return () => {
    if (known !== undefined && from.now() < known.untilMs) {
      return Promise.resolve(known.credentials);
    }
    return asking ??= ask().finally(() => asking = undefined);
  };
}

async function fromConfig(user: AuthConfig, from: CredentialsFrom): Promise<Credentials> {
  const { dir } = from;
  const [cert, key] = await Promise.all([
    from.dataOrFile(user["client-certificate-data"], user["client-certificate"], dir),
    from.dataOrFile(user["client-key-data"], user["client-key"], dir),
  ]);
  if ((cert === undefined) !== (key === undefined)) {
    throw invalid("a client certificate and its key come together: one of them is missing");
  }
  // A file wins, as kubectl has it: it is what gets renewed.
  const token = await from.dataOrFile(undefined, user.tokenFile, dir) ?? user.token;
  const authorization = token
    ? `Bearer ${token.trim()}`
    : user.username === undefined
    ? undefined
    : `Basic ${new TextEncoder().encode(`${user.username}:${user.password ?? ""}`).toBase64()}`;
  return { authorization, cert, key };
}

/** Asks a program, such as that of a cloud (`client.authentication.k8s.io` ExecCredential). */
async function fromPlugin(
  exec: ExecPlugin,
  from: CredentialsFrom,
): Promise<{ readonly credentials: Credentials; readonly untilMs: number }> {
  const command = exec.command ?? "";
  const path = command.includes("/") && !isAbsolute(command) ? join(from.dir, command) : command;
  const { server, ca } = from.cluster;
  const info = {
    kind: "ExecCredential",
    apiVersion: exec.apiVersion ?? "client.authentication.k8s.io/v1",
    spec: {
      interactive: false,
      ...exec.provideClusterInfo
        ? {
          cluster: {
            server,
            ...ca === undefined
              ? {}
              : { "certificate-authority-data": new TextEncoder().encode(ca).toBase64() },
          },
        }
        : {},
    },
  };
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(path, {
      args: [...exec.args ?? []],
      env: {
        ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(PLUGIN_LIMIT_MS),
    }).output();
  } catch (cause) {
    throw invalid(`the program "${command}" tells who asks, and cannot be run`, cause);
  }
  const decoder = new TextDecoder();
  if (!output.success) {
    const said = decoder.decode(output.stderr).trim().split("\n").at(-1) ?? "";
    throw invalid(`"${command}" tells who asks, and ended with ${output.code}: ${said}`);
  }
  const status = readStatus(command, decoder.decode(output.stdout));
  const endsAt = Date.parse(status.expirationTimestamp ?? "");
  return {
    credentials: {
      authorization: status.token ? `Bearer ${status.token}` : undefined,
      cert: status.clientCertificateData,
      key: status.clientKeyData,
    },
    untilMs: Number.isNaN(endsAt) ? Infinity : endsAt - SPARE_MS,
  };
}

interface PluginStatus {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
}

function readStatus(command: string, text: string): PluginStatus {
  try {
    const { status } = JSON.parse(text);
    if (status?.token || status?.clientCertificateData) return status;
  } catch {
    // Its words may hold a token, so they are not repeated.
  }
  throw invalid(`"${command}" tells who asks, and answered with no ExecCredential`);
}

function invalid(why: string, cause?: unknown): KubernetesError {
  return new KubernetesError(
    "KUBERNETES_CONFIG_INVALID",
    `Cannot use the user of the kubeconfig as ${why}`,
    { fix: "kubectl auth whoami", cause },
  );
}
