import type { Clock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";

/** Variables of this process that git needs to reach a repository as its operator does. */
const HANDED_ON = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "SSH_AUTH_SOCK",
  "SSH_AGENT_PID",
  "HTTPS_PROXY",
  "https_proxy",
  "ALL_PROXY",
  "NO_PROXY",
  "no_proxy",
  "SSL_CERT_FILE",
  "GIT_SSL_CAINFO",
  "XDG_CONFIG_HOME",
] as const;

/** Nothing is asked, no hook runs, no helper of a transport is started, and nothing is done in the background. */
const ALWAYS = [
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "protocol.ext.allow=never",
  "-c",
  "gc.auto=0",
  "-c",
  "maintenance.auto=false",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "submodule.recurse=false",
  "-c",
  "core.symlinks=true",
  "-c",
  "advice.detachedHead=false",
];

/** A tree of few objects may list billions of files: what git says is not gathered without an end. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const MAX_SHOWN = 500;

/** How git is called. */
export interface GitOptions {
  /** The bare repository that it works on. */
  readonly mirror: string;
  readonly env: (name: string) => string | undefined;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** More variables. */
  readonly extra?: { readonly [name: string]: string };
  /** Whether the configuration of the user counts: it may have helpers for credentials, and filters too. */
  readonly usesConfig?: boolean;
  /** The folder that it stands in; the root by default. */
  readonly cwd?: string;
}

/** How git ended. */
export interface GitResult {
  readonly isOk: boolean;
  readonly stdout: string;
  /** Its last words. */
  readonly stderr: string;
}

/**
 * Calls git, without a shell. Its arguments are fixed ones; whatever comes from elsewhere stands behind `--` or
 * `--end-of-options`.
 *
 * @throws {CodedError} `TOOL_MISSING`, `REPOSITORY_UNAVAILABLE` when it takes too long, `CHECKOUT_TOO_LARGE` when it
 *   says too much
 */
export async function git(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const { mirror, env, clock, timeoutMs, signal, extra = {}, usesConfig = false, cwd } = options;
  const variables: { [name: string]: string } = {
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "/bin/false",
    SSH_ASKPASS: "/bin/false",
    GIT_SSH_COMMAND: env("GIT_SSH_COMMAND") ?? "ssh -oBatchMode=yes",
    GIT_ALLOW_PROTOCOL: "https:ssh:git:file",
    GIT_OPTIONAL_LOCKS: "0",
    ...usesConfig ? {} : { GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
    LC_ALL: "C",
    ...extra,
  };
  for (const name of HANDED_ON) {
    const value = env(name);
    if (value !== undefined) variables[name] ??= value;
  }
  const expired = new AbortController();
  const flooded = new AbortController();
  const stopTimer = clock.after(timeoutMs, () => expired.abort());
  try {
    const child = spawn([...ALWAYS, `--git-dir=${mirror}`, ...args], {
      variables,
      cwd: cwd ?? "/",
      signal: AbortSignal.any([expired.signal, flooded.signal, ...signal ? [signal] : []]),
    });
    const flood = () => flooded.abort();
    const [{ success }, stdout, stderr] = await Promise.all([
      child.status,
      gathered(child.stdout, flood),
      gathered(child.stderr, flood),
    ]);
    if (expired.signal.aborted) throw tooSlow(args[0], timeoutMs);
    if (flooded.signal.aborted) throw tooMuch(args[0]);
    return { isOk: success, stdout, stderr: lastWords(stderr) };
  } finally {
    stopTimer();
  }
}

function spawn(
  args: readonly string[],
  { variables, cwd, signal }: {
    readonly cwd: string;
    readonly variables: { [name: string]: string };
    readonly signal: AbortSignal;
  },
): Deno.ChildProcess {
  try {
    return new Deno.Command("git", {
      args: [...args],
      env: variables,
      clearEnv: true,
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new CodedError(
      "TOOL_MISSING",
      "Cannot fetch a repository as git is needed: there is none",
      {
        fix: "apt-get install git",
        cause,
      },
    );
  }
}

/** All that a stream holds, up to the limit; `onFlood` ends whoever writes more. */
async function gathered(stream: ReadableStream<Uint8Array>, onFlood: () => void): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const part of stream) {
    bytes += part.length;
    if (bytes > MAX_OUTPUT_BYTES) {
      onFlood();
      break;
    }
    parts.push(decoder.decode(part, { stream: true }));
  }
  return parts.join("") + decoder.decode();
}

/** One line that says why; addresses with a password are not shown. */
function lastWords(text: string): string {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const told = lines.filter((line) => /^(fatal|error|remote|ssh)/i.test(line));
  return (told.length > 0 ? told : lines).join("; ").replace(/\/\/[^/@\s]*@/g, "//…@")
    .slice(0, MAX_SHOWN);
}

function tooSlow(verb: string | undefined, timeoutMs: number): CodedError {
  return new CodedError(
    "REPOSITORY_UNAVAILABLE",
    `Cannot wait for git ${verb} any longer: it was not done after ${
      Math.round(timeoutMs / 1000)
    } s`,
    { fix: "Look whether the repository can be reached, and push again" },
  );
}

function tooMuch(verb: string | undefined): CodedError {
  return new CodedError(
    "CHECKOUT_TOO_LARGE",
    `Cannot read what git ${verb} says: it is more than ${MAX_OUTPUT_BYTES / 1024 ** 2} MB`,
    { fix: "Keep what is generated out of the repository" },
  );
}
