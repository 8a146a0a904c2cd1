import { CodedError } from "./errors/mod.ts";
import {
  DEFAULT_GRACE_MS,
  DEFAULT_HOST,
  DEFAULT_MAX_CONCURRENT_RUNS,
  DEFAULT_PORT,
} from "./server/mod.ts";

/** How the engine is started in a pod: flags over environment variables over defaults. */
export interface MainOptions {
  readonly workflow: string;
  readonly port: number;
  readonly host: string;
  readonly secrets: string | undefined;
  readonly storage: string;
  readonly watch: boolean;
  readonly graceMs: number;
  readonly maxRuns: number;
  readonly log: "json" | "text";
  readonly insecureWebhooks: boolean;
  /** Folder of recorded HTTP that answers in place of the network; a tool of tests, which `--help` does not name. */
  readonly replay: string | undefined;
  /** `folder:count`: where sockets of hosts go, for an engine with a right to those alone; `pd build` writes it. */
  readonly sockets: string | undefined;
  readonly help: boolean;
}

/** One flag: each reads its environment variable too. */
interface Flag {
  readonly env: string;
  readonly value: string | undefined;
  readonly help: string;
}

const DEFAULT_GRACE_S = DEFAULT_GRACE_MS / 1000;

const FLAGS: { readonly [name: string]: Flag } = {
  workflow: { env: "PD_WORKFLOW", value: "DIR", help: "folder of the workflow (default: .)" },
  port: {
    env: "PD_PORT",
    value: "N",
    help: `port to listen on, 0 for a free one (default: ${DEFAULT_PORT})`,
  },
  host: {
    env: "PD_HOST",
    value: "ADDRESS",
    help: `address to listen on (default: ${DEFAULT_HOST})`,
  },
  secrets: { env: "PD_SECRETS", value: "PATH", help: "file or folder of secrets, and no other" },
  storage: {
    env: "PD_STORAGE",
    value: "URL",
    help: "where runs are kept: postgres://…, sqlite:///path (default: memory:)",
  },
  watch: { env: "PD_WATCH", value: undefined, help: "reload when a file of the workflow changes" },
  grace: {
    env: "PD_GRACE",
    value: "SECONDS",
    help: `wait for runs at shutdown (default: ${DEFAULT_GRACE_S})`,
  },
  "max-runs": {
    env: "PD_MAX_RUNS",
    value: "N",
    help: `runs at a time (default: ${DEFAULT_MAX_CONCURRENT_RUNS})`,
  },
  log: { env: "PD_LOG", value: "json|text", help: "log format (default: text on a terminal)" },
  "insecure-webhooks": {
    env: "PD_INSECURE_WEBHOOKS",
    value: undefined,
    help: "let anybody start runs by webhooks without verify",
  },
  replay: { env: "", value: "DIR", help: "" },
  sockets: { env: "", value: "DIR:COUNT", help: "" },
  help: { env: "", value: undefined, help: "print this" },
};

/** What the parser reads besides the arguments. */
export interface MainEnvironment {
  env(name: string): string | undefined;
  readonly isTerminal: boolean;
}

/**
 * Reads `--flag value`, `--flag=value` and `PD_FLAG`.
 *
 * @throws {CodedError} `USAGE`
 */
export function parseMainOptions(
  args: readonly string[],
  { env, isTerminal }: MainEnvironment,
): MainOptions {
  const given = readFlags(args);
  function get(name: string): string | undefined {
    const variable = FLAGS[name]?.env ?? "";
    return given.get(name) ?? ((variable === "" ? undefined : env(variable)) || undefined);
  }
  const help = given.has("help");
  return {
    workflow: get("workflow") ?? ".",
    port: integer("port", get("port"), { fallback: DEFAULT_PORT, min: 0, max: 65535 }),
    host: get("host") ?? DEFAULT_HOST,
    secrets: get("secrets"),
    storage: get("storage") ?? "memory:",
    watch: isOn("watch", get("watch")),
    graceMs: integer("grace", get("grace"), { fallback: DEFAULT_GRACE_S, min: 0, max: 86_400 }) *
      1000,
    maxRuns: integer("max-runs", get("max-runs"), {
      fallback: DEFAULT_MAX_CONCURRENT_RUNS,
      min: 1,
      max: 1_000_000,
    }),
    log: logFormat(get("log"), isTerminal),
    replay: get("replay"),
    sockets: get("sockets"),
    insecureWebhooks: isOn("insecure-webhooks", get("insecure-webhooks")),
    help,
  };
}

/** What `--help` prints. */
export function mainHelp(): string {
  const shown = Object.entries(FLAGS).filter(([, { help }]) => help !== "");
  const rows = shown.map(([name, { env, value, help }]) => {
    const flag = `--${name}${value === undefined ? "" : ` ${value}`}`;
    return `  ${flag.padEnd(22)} ${help}${env === "" ? "" : ` [${env}]`}`;
  });
  return [
    "Serves one workflow over HTTP until SIGTERM.",
    "",
    "Usage: deno run -A engine/main.ts [flags]",
    "",
    ...rows,
    "",
    "Example: deno run -A engine/main.ts --workflow examples/hello --port 8080",
    "",
  ].join("\n");
}

function readFlags(args: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, name = "", joined] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg === "-h" ? "--help" : arg) ??
      [];
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (flag === undefined) {
      throw usage(`Cannot read "${arg}" as a flag: there is none of that name`);
    }
    if (flag.value === undefined) {
      given.set(name, joined ?? "true");
      continue;
    }
    const value = joined ?? rest.shift();
    if (value === undefined || value === "") {
      throw usage(`Cannot read "--${name}" as a flag: its value (${flag.value}) is missing`);
    }
    given.set(name, value);
  }
  return given;
}

function integer(
  name: string,
  text: string | undefined,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw usage(`Cannot read "${text}" as --${name}: it is no whole number from ${min} to ${max}`);
}

function isOn(name: string, text: string | undefined): boolean {
  if (text === undefined || /^(false|0|no)$/i.test(text)) return false;
  if (/^(true|1|yes)$/i.test(text)) return true;
  throw usage(`Cannot read "${text}" as --${name}: it is not true or false`);
}

function logFormat(text: string | undefined, isTerminal: boolean): "json" | "text" {
  if (text === undefined) return isTerminal ? "text" : "json";
  if (text === "json" || text === "text") return text;
  throw usage(`Cannot read "${text}" as --log: it is not json or text`);
}

function usage(message: string): CodedError {
  return new CodedError("USAGE", message, { fix: "deno run -A engine/main.ts --help" });
}
