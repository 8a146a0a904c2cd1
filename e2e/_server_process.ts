import { childrenOf, untilGone } from "./_processes.ts";

/** What to start, and as whom. */
export interface ServerProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Both of its streams go there, appended. */
  readonly logFile: string;
  /** A user of this machine, for a program that refuses to run as root; ignored when this process is not root. */
  readonly user?: string;
  /** Whether it answers yet. Asked again and again until it does. */
  isReady(): Promise<boolean>;
}

/** A real server of a suite. It dies with the process that started it, whatever happens to that. */
export interface ServerProcess {
  readonly pid: number;
  /** Sends a signal and resolves when the process and its children are gone. */
  end(signal: Deno.Signal): Promise<void>;
}

/** How long a server may take to answer, or to go. */
const LIMIT_MS = 20_000;
/** Between two questions whether it is ready. */
const ASK_AGAIN_MS = 10;

/**
 * Starts a server and resolves once it is ready.
 *
 * @throws {Error} when it ends or takes too long, with the end of its log
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, logFile } = options;
  const user = options.user === undefined || Deno.uid() !== 0
    ? []
    : [`--reuid=${options.user}`, `--regid=${options.user}`, "--init-groups"];
  const child = new Deno.Command("setpriv", {
    args: [
      ...user,
      "--pdeathsig=KILL",
      "sh",
      "-c",
      'log="$1"; shift; exec "$@" >>"$log" 2>&1',
      "sh",
      logFile,
      command,
      ...args,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let isOver = false;
  const exited = child.status.then(() => {
    isOver = true;
  });
  const startedAt = performance.now();
  while (!await options.isReady()) {
    if (isOver || performance.now() - startedAt > LIMIT_MS) {
      if (!isOver) child.kill("SIGKILL");
      await exited;
      const log = await Deno.readTextFile(logFile).catch(() => "");
      throw new Error(`${command} does not answer:\n${log.slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  return {
    pid: child.pid,
    async end(signal) {
      if (isOver) return;
      const children = await childrenOf(child.pid);
      child.kill(signal);
      if (signal === "SIGKILL") { for (const pid of children) killIfThere(pid); }
      await exited;
      await untilGone(children, LIMIT_MS);
    },
  };
}

/** A port of the loopback address that nobody listens on at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether somebody accepts connections there. */
export async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

function killIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // it went with its parent
  }
}
