import type { Secrets } from "../../context/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { JsonObject } from "../../json/mod.ts";

/** How the engine proves itself to a server. */
export type NatsCredentials =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "user"; readonly user: string; readonly password: string }
  /** Text of a `.creds` file: a JWT and its seed. */
  | { readonly kind: "creds"; readonly text: string }
  | { readonly kind: "nkey"; readonly seed: string };

/** Everything needed to connect. Two triggers with equal settings share a connection. */
export interface NatsSettings {
  readonly servers: readonly string[];
  /** Refuse a server that does not encrypt. */
  readonly requiresTls: boolean;
  /** Certificates of the authority that signed the server's, in PEM. */
  readonly ca: string | undefined;
  readonly credentials: NatsCredentials;
  /** May create a stream that is not there. */
  readonly mayCreate: boolean;
}

/** Where settings come from. */
export interface NatsSettingsSource {
  readonly config: JsonObject;
  readonly secrets: Secrets;
  /** What relative paths of files start from. */
  readonly dir: string;
}

/**
 * Reads `config.nats_url`, `nats_ca`, `nats_create` and the secrets of the service `nats`: `creds`, `nkey`,
 * `token`, or `user` and `password`; `ca`. `creds` and `ca` hold the text of the file or its path.
 *
 * @throws {CodedError} `TRIGGER_UNAVAILABLE` without a URL, or when a named file cannot be read
 */
export async function readNatsSettings(source: NatsSettingsSource): Promise<NatsSettings> {
  const { config } = source;
  const url = config["nats_url"];
  if (typeof url !== "string" || url.trim() === "") {
    throw new CodedError(
      "TRIGGER_UNAVAILABLE",
      'Cannot listen to NATS as a queue trigger needs "config.nats_url": there is none',
      { fix: "Add to config in workflow.yaml: nats_url: nats://127.0.0.1:4222" },
    );
  }
  const servers = url.split(",").map((server) => server.trim()).filter((server) => server !== "");
  const ca = await readCa(source);
  return {
    servers,
    requiresTls: ca !== undefined || servers.some((server) => /^(tls|wss):/.test(server)),
    ca,
    credentials: await readCredentials(source),
    mayCreate: config["nats_create"] === true,
  };
}

async function readCa(source: NatsSettingsSource): Promise<string | undefined> {
  const secret = source.secrets["nats"]?.["ca"];
  if (secret !== undefined) return await readPem(secret, "secrets.nats.ca", source.dir);
  const path = source.config["nats_ca"];
  if (typeof path !== "string") return undefined;
  return await readPem(path, "config.nats_ca", source.dir);
}

async function readCredentials({ secrets, dir }: NatsSettingsSource): Promise<NatsCredentials> {
  const nats = secrets["nats"] ?? {};
  const { creds, user } = nats;
  if (creds !== undefined) {
    return { kind: "creds", text: await readPem(creds, "secrets.nats.creds", dir) };
  }
  const seed = nats["nkey"] ?? nats["seed"];
  if (seed !== undefined) return { kind: "nkey", seed: seed.trim() };
  const token = nats["token"] ?? nats["value"];
  if (token !== undefined) return { kind: "token", token };
  if (user !== undefined) return { kind: "user", user, password: nats["password"] ?? "" };
  return { kind: "none" };
}

/** Text with a `-----BEGIN …` block: the value itself, or the file that it names. */
async function readPem(value: string, key: string, dir: string): Promise<string> {
  if (value.includes("-----BEGIN")) return value;
  const path = value.trim();
  const file = path.startsWith("/") ? path : `${dir}/${path}`;
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    // What stands there may be a secret that somebody put under the wrong key: not even its path is shown.
    throw new CodedError(
      "TRIGGER_UNAVAILABLE",
      `Cannot read "${key}" as it holds the text of a file or its path: ${(error as Error).name}`,
      { fix: `Set ${key} to the path of a file that the engine can read` },
    );
  }
}
