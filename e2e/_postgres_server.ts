import { makeCertificates } from "./_certificates.ts";
import { ensurePackage, type PackageState } from "./packages.ts";
import { freePort, type ServerProcess, startServerProcess } from "./_server_process.ts";

/** A PostgreSQL of one suite: a data folder and a port of its own, and nothing left at the end. */
export interface PostgresServer extends AsyncDisposable {
  /** Of the superuser, for `psql`-like work: database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly password: string;
  /** PEM file of the authority that signed the server's certificate; undefined without `tls`. */
  readonly caFile: string | undefined;
  /** Postmaster. */
  readonly pid: number;
  /** An empty database and its URL, `postgres://postgres:…@127.0.0.1:…/<name>`. */
  createDatabase(name?: string): Promise<string>;
  /** Runs SQL as the superuser and returns what it says: a line per row, columns parted by `|`. */
  sql(statement: string, database?: string): Promise<string>;
  /** Ends every connection of clients; they may come back at once. */
  cutConnections(): Promise<void>;
  /** Ends it in order: sessions are cut, what was committed is on disk. */
  stop(): Promise<void>;
  /** SIGKILL to all of its processes at once. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after `stop` or `kill`; resolves when it answers. */
  start(): Promise<void>;
}

/**
 * Whether PostgreSQL can be had here; installs Debian's package when it may. Ask at the top of a suite:
 *
 * ```ts
 * const postgres = await findPostgres();
 * Deno.test({
 *   name: "two engines share a storage",
 *   ignore: postgres.status === "missing",
 *   async fn() {
 *     await using server = await startPostgres();
 *     const url = await server.createDatabase();
 *   },
 * });
 * ```
 *
 * `path` is the folder of its programs, which Debian keeps off PATH.
 */
export async function findPostgres(): Promise<PackageState> {
  const state = await ensurePackage("pg_ctlcluster", "postgresql");
  if (state.status === "missing") return state;
  const root = "/usr/lib/postgresql";
  const versions = await Array.fromAsync(Deno.readDir(root)).catch(() => []);
  const newest = versions.map(({ name }) => Number(name)).sort((a, b) => b - a)[0];
  return newest === undefined
    ? { status: "missing", reason: `skipped: ${root} holds no version of PostgreSQL` }
    : { status: "ready", path: `${root}/${newest}/bin` };
}

/** Tests need speed, not a disk that survives a power cut; a killed server still recovers from its log. */
const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "fsync=off",
  "full_page_writes=off",
  "max_connections=60",
  "shared_buffers=32MB",
  "autovacuum_naptime=5s",
];

/** What `startPostgres` can be told. */
export interface PostgresServerOptions {
  /** `name=value`, as in postgresql.conf. */
  readonly settings?: readonly string[];
  /** Takes connections with TLS; its certificate for localhost comes from an authority made for this server. */
  readonly tls?: boolean;
}

/**
 * Starts a private PostgreSQL with user `postgres`, a random password and `scram-sha-256`.
 * Never as root: Debian's user `postgres` runs it then.
 */
export async function startPostgres(
  options: PostgresServerOptions = {},
): Promise<PostgresServer> {
  const found = await findPostgres();
  if (found.status === "missing") throw new Error(found.reason);
  const bin = found.path;
  const folder = await Deno.makeTempDir({ prefix: "pd_postgres_" });
  const port = freePort();
  const password = crypto.randomUUID();
  const tls = options.tls
    ? ["ssl=on", `ssl_cert_file=${folder}/server.pem`, `ssl_key_file=${folder}/server.key`]
    : [];
  let server: ServerProcess | undefined;
  let databases = 0;

  async function start(): Promise<void> {
    server = await startServerProcess({
      command: `${bin}/postgres`,
      args: [
        ...["-D", `${folder}/data`, "-k", folder, "-p", `${port}`],
        ...[...SETTINGS, ...tls, ...options.settings ?? []].flatMap((setting) => ["-c", setting]),
      ],
      logFile: `${folder}/server.log`,
      user: "postgres",
      isReady: async () =>
        (await run(`${bin}/pg_isready`, ["-q", "-h", folder, "-p", `${port}`])).ok,
    });
  }

  async function sql(statement: string, database = "postgres"): Promise<string> {
    const { ok, output } = await run(`${bin}/psql`, [
      ...["-h", folder, "-p", `${port}`, "-U", "postgres", "-d", database],
      ...["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement],
    ], { PGPASSWORD: password });
    if (!ok) throw new Error(output);
    return output.trim();
  }

  const url = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  try {
    await Deno.writeTextFile(`${folder}/password`, password);
    if (options.tls) await makeCertificates(folder);
    const isRoot = Deno.uid() === 0;
    if (isRoot) await must("chown", ["-R", "postgres:postgres", folder]);
    const initdb = [
      ...[`${bin}/initdb`, "-D", `${folder}/data`, "-U", "postgres", "-N", "-E", "UTF8"],
      ...["--locale=C", "-A", "scram-sha-256", `--pwfile=${folder}/password`],
    ];
    const asPostgres = ["--reuid=postgres", "--regid=postgres", "--init-groups"];
    await must("setpriv", [...isRoot ? asPostgres : ["--nnp"], ...initdb]);
    await start();
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }

  return {
    url: url("postgres"),
    port,
    password,
    caFile: options.tls ? `${folder}/ca.pem` : undefined,
    get pid() {
      return server?.pid ?? 0;
    },
    async createDatabase(name = `pd_${++databases}`) {
      await sql(`CREATE DATABASE "${name}"`);
      return url(name);
    },
    sql,
    async cutConnections() {
      await sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
          "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      );
    },
    stop: async () => await server?.end("SIGINT"),
    kill: async () => await server?.end("SIGKILL"),
    start,
    async [Symbol.asyncDispose]() {
      await server?.end("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { ok, output } = await run(command, args);
  if (!ok) throw new Error(`${command} ${args.join(" ")}: ${output}`);
}

async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ ok: boolean; output: string }> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    env,
    cwd: "/",
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { ok: success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}
