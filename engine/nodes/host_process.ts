import type { Redactor } from "../context/mod.ts";
import type { LogLine } from "../executor/mod.ts";
import { FrameKind, FrameWriter, readFrames } from "./frames.ts";
import { MEMORY_MARK } from "./host/guard.ts";
import { hostEnv } from "./host_env.ts";
import { LineSplitter } from "./line_splitter.ts";
import { SOCKETS_PER_FOLDER } from "./socket_places.ts";
import type {
  HostAsk,
  HostExchange,
  HostFailure,
  HostFetch,
  HostFetched,
  HostInit,
  HostReady,
  HostUnask,
} from "./protocol.ts";
import {
  readAsk,
  readExchange,
  readFailure,
  readFetch,
  readFetched,
  readLog,
  readReady,
  readUnask,
} from "./read_payload.ts";

/** How a host came to its end. */
export type HostExit =
  | { readonly kind: "killed" }
  | { readonly kind: "memory" }
  | { readonly kind: "protocol" }
  | { readonly kind: "crashed"; readonly state: string };

/** What a host tells. `id` is the number of the call, 0 for the host itself. */
export interface HostListener {
  onImporting(node: string): void;
  onReady(problems: HostReady): void;
  onBegin(id: number): void;
  onDone(id: number, outputText: string): void;
  onFailed(id: number, failure: HostFailure): void;
  onLog(id: number, line: LogLine): void;
  onFetch(id: number, asked: HostFetch): void;
  onExchange(id: number, exchange: HostExchange): void;
  onFetched(id: number, fetched: HostFetched): void;
  onAsk(id: number, asked: HostAsk & { readonly chars: number }): void;
  onUnask(id: number, unasked: HostUnask): void;
  /** Once, when the process is gone. Nothing else comes after it. */
  onExit(exit: HostExit): void;
}

/** How to start a host. */
export interface HostLaunch {
  /** Folder of mode 0700 for the socket. */
  readonly socketDir: string;
  /** Whether sockets are called 1, 2, … there, as the engine has a right to these names alone. */
  readonly hasNumberedSockets?: boolean;
  /** Flags of `deno run` for a socket at this path. */
  flags(socketPath: string): string[];
  readonly memoryBytes: number;
  readonly maxPayloadBytes: number;
  readonly init: HostInit;
  /** Of all secrets of the workflow; asked for by lines that must be cut. */
  redactor(): Redactor;
}

const HOST_ENTRY = new URL("./host/main.ts", import.meta.url).href;
/** Kept of what a host wrote to stderr, to say why it died. */
const STDERR_TAIL_CHARS = 4_000;
/** A host that asks on and does not read the answers is ended at so many times the largest payload. */
const MAX_UNREAD_PAYLOADS = 8;

/** One node host: its process, its channel, and its end. */
export class HostProcess {
  readonly #listener: HostListener;
  readonly #launch: HostLaunch;
  readonly #token = crypto.randomUUID();
  readonly #child: Deno.ChildProcess;
  readonly #socket: Deno.UnixListener;
  readonly #socketPath: string;
  readonly #decoder = new TextDecoder();
  #channel: Deno.UnixConn | undefined;
  #writer: FrameWriter | undefined;
  /** What is sent before the host has connected. */
  #early: [kind: number, id: number, payload: string | undefined][] = [];
  #exit: HostExit | undefined;
  #stderrTail = "";
  /** Resolves when the process and everything read from it are done with. */
  readonly ended: Promise<void>;

  constructor(launch: HostLaunch, listener: HostListener) {
    this.#launch = launch;
    this.#listener = listener;
    const { socket, path } = listen(launch);
    this.#socket = socket;
    this.#socketPath = path;
    try {
      this.#child = new Deno.Command(Deno.execPath(), {
        args: [
          ...launch.flags(this.#socketPath),
          HOST_ENTRY,
          this.#socketPath,
          this.#token,
          String(launch.memoryBytes),
        ],
        clearEnv: true,
        env: hostEnv((name) => Deno.env.get(name)),
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        // A session of its own: Ctrl-C in a terminal goes to every process of the foreground group, and a
        // run that is cancelled by it must end as cancelled, not as crashed.
        detached: true,
      }).spawn();
    } catch (error) {
      this.#closeSocket();
      throw error;
    }
    this.ended = this.#attend();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Sends a frame, as soon as the host has connected; does nothing when the host is gone. */
  send(kind: number, id: number, payload?: string): void {
    if (this.#writer === undefined) return void this.#early.push([kind, id, payload]);
    this.#writer.write(kind, id, payload);
    // One call at a time waits there; only answers to what the host asked can pile up.
    if (this.#writer.queuedBytes > MAX_UNREAD_PAYLOADS * this.#launch.maxPayloadBytes) {
      this.kill({ kind: "protocol" });
    }
  }

  /** What the host has not read yet, besides what is with the kernel. */
  get queuedBytes(): number {
    return this.#writer?.queuedBytes ?? 0;
  }

  /** Resolves when everything sent so far is with the kernel; nothing to wait for when it already is. */
  flushed(): Promise<void> | undefined {
    return this.#writer?.flushed();
  }

  /** Ends the process at once. `exit` is what its listener will hear. */
  kill(exit: HostExit = { kind: "killed" }): void {
    this.#exit ??= exit;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  async #attend(): Promise<void> {
    const output = Promise.all([
      this.#readLines(this.#child.stdout, "info"),
      this.#readLines(this.#child.stderr, "warn"),
    ]);
    const frames = this.#serve();
    const status = await this.#child.status;
    this.#closeSocket();
    await frames;
    await output;
    this.#listener.onExit(this.#exit ?? this.#explain(status));
  }

  /** Accepts the host's connection and reads its frames until it closes. */
  async #serve(): Promise<void> {
    try {
      this.#channel = await this.#socket.accept();
    } catch {
      return;
    }
    this.#closeSocket();
    const channel = this.#channel;
    const writer = new FrameWriter(channel);
    let trusted = false;
    try {
      const end = await readFrames(channel, this.#launch.maxPayloadBytes, (kind, id, payload) => {
        if (trusted) return this.#onFrame(kind, id, payload);
        trusted = kind === FrameKind.HELLO && this.#decoder.decode(payload) === this.#token;
        if (!trusted) throw new SyntaxError("the first frame is not this host's token");
        writer.write(FrameKind.INIT, 0, JSON.stringify(this.#launch.init));
        for (const [kind, id, text] of this.#early) writer.write(kind, id, text);
        this.#early = [];
        this.#writer = writer;
      });
      if (end === "invalid") this.kill({ kind: "protocol" });
    } catch {
      this.kill({ kind: "protocol" });
    } finally {
      channel.close();
    }
  }

  #onFrame(kind: number, id: number, payload: Uint8Array): void {
    const listener = this.#listener;
    if (kind === FrameKind.BEGIN) return listener.onBegin(id);
    const text = this.#decoder.decode(payload);
    switch (kind) {
      case FrameKind.DONE:
        return listener.onDone(id, text);
      case FrameKind.FAILED:
        return listener.onFailed(id, readFailure(text));
      case FrameKind.LOG:
        return listener.onLog(id, readLog(text));
      case FrameKind.FETCH:
        return listener.onFetch(id, readFetch(text));
      case FrameKind.EXCHANGE:
        return listener.onExchange(id, readExchange(text));
      case FrameKind.FETCHED:
        return listener.onFetched(id, readFetched(text));
      case FrameKind.ASK:
        return listener.onAsk(id, readAsk(text));
      case FrameKind.UNASK:
        return listener.onUnask(id, readUnask(text));
      case FrameKind.IMPORTING:
        return listener.onImporting(text);
      case FrameKind.READY:
        return listener.onReady(readReady(text));
      default:
        throw new SyntaxError(`frame kind ${kind} does not come from a host`);
    }
  }

  /** Bytes that a node or the runtime wrote past the console, line by line. */
  async #readLines(stream: ReadableStream<Uint8Array>, level: LogLine["level"]): Promise<void> {
    const decoder = new TextDecoder();
    const lines = new LineSplitter((message) => {
      if (!message.startsWith(MEMORY_MARK)) this.#listener.onLog(0, { level, message });
    }, () => this.#launch.redactor().stream());
    for await (const chunk of stream) {
      const text = decoder.decode(chunk, { stream: true });
      if (level === "warn") {
        this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
      }
      lines.write(text);
    }
    lines.flush();
  }

  #explain(status: Deno.CommandStatus): HostExit {
    const isOutOfMemory = this.#stderrTail.includes(MEMORY_MARK) ||
      /out of memory|memory limit/i.test(this.#stderrTail) && !status.success;
    if (isOutOfMemory) return { kind: "memory" };
    const state = status.signal === null
      ? `its process exited with code ${status.code}`
      : `its process was ended by ${status.signal}`;
    return { kind: "crashed", state };
  }

  /** The socket's path serves one connection: after that nobody else can find it. */
  #closeSocket(): void {
    try {
      this.#socket.close();
    } catch {
      return;
    }
    try {
      Deno.removeSync(this.#socketPath);
    } catch {
      // The runtime may have removed it with the listener.
    }
  }
}

interface Listening {
  readonly socket: Deno.UnixListener;
  readonly path: string;
}

function listen({ socketDir, hasNumberedSockets = false }: HostLaunch): Listening {
  if (!hasNumberedSockets) return listenAt(`${socketDir}/${crypto.randomUUID().slice(0, 8)}`);
  for (let number = 1;; number++) {
    try {
      return listenAt(`${socketDir}/${number}`);
    } catch (error) {
      // Another host is about to connect there.
      const isTaken = error instanceof Deno.errors.AddrInUse;
      if (!isTaken || number >= SOCKETS_PER_FOLDER) throw error;
    }
  }
}

function listenAt(path: string): Listening {
  return { socket: Deno.listen({ transport: "unix", path }), path };
}
