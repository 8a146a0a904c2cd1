import { readFileSync } from "node:fs";
import { parseDuration } from "../../spec/mod.ts";
import { StorageError } from "../storage_error.ts";

/** What the address of a PostgreSQL storage says. */
export interface PostgresAddress {
  /** `postgres://host:port/database`: for messages, without user and password. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly ssl: false | "require" | "prefer" | "verify-full" | { readonly ca: string };
  /** Its tables live there, beside whatever else the database holds. */
  readonly schema: string;
  /** How long an engine may be silent before others take its runs. */
  readonly leaseMs: number;
  /** How long a call waits for a server that is away. */
  readonly patienceMs: number;
  /** Connections at the most; one more listens. */
  readonly poolSize: number;
  /** Settings of the server for our sessions, as in `?application_name=orders`. */
  readonly settings: { readonly [name: string]: string };
}

const OWN = new Set([
  "schema",
  "lease",
  "patience",
  "pool",
  "sslmode",
  "ssl",
  "sslrootcert",
  "host",
]);
const MIN_LEASE_MS = 100;
const MAX_LEASE_MS = 60 * 60_000;

/**
 * Reads `postgres://[user[:password]@]host[:port]/database[?…]`. What is left out comes from `PGHOST`, `PGPORT`,
 * `PGUSER`, `PGPASSWORD` and `PGDATABASE`. `?host=/run/postgresql` is a socket.
 *
 * @throws {StorageError} `STORAGE_INVALID`; its message never repeats the address, which may hold a password
 */
export function readAddress(
  text: string,
  env: (name: string) => string | undefined,
): PostgresAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid("it is no URL", "--storage postgres://user@host:5432/database");
  }
  const query = url.searchParams;
  const host = query.get("host") ??
    (decoded(url.hostname).replace(/^\[(.*)\]$/, "$1") || (env("PGHOST") ?? "localhost"));
  const port = Number(url.port || (env("PGPORT") ?? "5432"));
  const user = decoded(url.username) || env("PGUSER");
  const database = decoded(url.pathname.slice(1)) || (env("PGDATABASE") ?? user ?? "postgres");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalid("its port is none", "--storage postgres://user@host:5432/database");
  }
  const schema = query.get("schema") ?? "pipedreamer";
  if (!/^[a-z_][a-z0-9_]{0,47}$/.test(schema)) {
    throw invalid(
      `"${schema}" is no name of a schema`,
      "?schema= takes lower-case letters, digits and _, 48 at the most",
    );
  }
  const leaseMs = duration(query, "lease", 15_000);
  if (leaseMs < MIN_LEASE_MS || leaseMs > MAX_LEASE_MS) {
    throw invalid("its lease is too short or too long", "?lease=15s, at least 100ms, at most 1h");
  }
  const poolSize = Number(query.get("pool") ?? "4");
  if (!Number.isInteger(poolSize) || poolSize < 1 || poolSize > 100) {
    throw invalid("its pool is no number of connections", "?pool=4, at most 100");
  }
  return {
    shown: `postgres://${host.startsWith("/") ? "" : host}:${port}/${database}`,
    host,
    port,
    database,
    user,
    password: decoded(url.password) || env("PGPASSWORD"),
    ssl: sslOf(query, env),
    schema,
    leaseMs,
    patienceMs: duration(query, "patience", 10_000),
    poolSize,
    settings: {
      application_name: "pipedreamer",
      ...Object.fromEntries([...query].filter(([name]) => !OWN.has(name))),
    },
  };
}

function sslOf(
  query: URLSearchParams,
  env: (name: string) => string | undefined,
): PostgresAddress["ssl"] {
  const mode = query.get("sslmode") ?? query.get("ssl") ?? env("PGSSLMODE") ?? "disable";
  const caFile = query.get("sslrootcert") ?? env("PGSSLROOTCERT");
  switch (mode) {
    case "disable":
    case "false":
      return false;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
    case "true":
      return caFile === undefined ? "require" : { ca: readCa(caFile) };
    case "verify-ca":
    case "verify-full":
      return caFile === undefined || caFile === "system" ? "verify-full" : { ca: readCa(caFile) };
    default:
      throw invalid(`"${mode}" is no sslmode`, "?sslmode=disable|prefer|require|verify-full");
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw invalid(`${path} cannot be read`, `ls -l ${path}`, cause);
  }
}

function duration(query: URLSearchParams, name: string, defaultMs: number): number {
  const text = query.get(name);
  const ms = text === null ? defaultMs : parseDuration(text);
  if (ms === undefined) throw invalid(`its ${name} is no duration`, `?${name}=15s`);
  return ms;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid("a % in it stands for nothing", "Write % as %25 in user and password");
  }
}

function invalid(state: string, fix: string, cause?: unknown): StorageError {
  const message = `Cannot open the storage as an address of PostgreSQL: ${state}`;
  return new StorageError("STORAGE_INVALID", message, { fix, cause });
}
