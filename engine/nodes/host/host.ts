import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  createContext,
  createFetch,
  deepFreeze,
  lastRetryAfterMs,
  liveTransport,
  type Secrets,
  toExchange,
  toHttpCall,
  toResponse,
  type Transport,
} from "../../context/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import { type JsonObject, serializeOutput } from "../../json/mod.ts";
import { PipelineExit } from "../../runtime/mod.ts";
import { FrameKind, FrameWriter, readFrames } from "../frames.ts";
import { type NodeFunction, nodeFunction } from "../node_module.ts";
import type { AbortKind, HostCall, HostFailure, HostInit, HostReady } from "../protocol.ts";
import { captureConsole } from "./console.ts";
import { EngineAsks } from "./engine_asks.ts";
import { captureExit, NodeExit } from "./exit.ts";
import { toFailure, toLoadFailure } from "./failure.ts";

/** What became of a node's module. */
type LoadedNode =
  | { readonly run: NodeFunction; readonly config: JsonObject }
  | { readonly failure: HostFailure };

/** One call from `CALL` to `DONE` or `FAILED`. */
interface ActiveCall {
  readonly id: number;
  readonly node: string;
  readonly controller: AbortController;
  context: Context | undefined;
  settled: boolean;
}

const MAX_PAYLOAD_BYTES = 0xffff_ffff;

/** Runs calls of a few nodes that share their rights, for an engine at the other end of `channel`. */
export class Host {
  readonly #channel: Deno.UnixConn;
  readonly #writer: FrameWriter;
  readonly #token: string;
  readonly #decoder = new TextDecoder();
  readonly #calls = new Map<number, ActiveCall>();
  readonly #current = new AsyncLocalStorage<ActiveCall>();
  readonly #asks: EngineAsks;
  readonly #exit: (code?: number) => never;
  #nodes = new Map<string, Promise<LoadedNode>>();
  #init: HostInit | undefined;
  #transport: Transport = liveTransport;

  constructor(channel: Deno.UnixConn, token: string) {
    this.#channel = channel;
    this.#writer = new FrameWriter(channel);
    this.#asks = new EngineAsks(this.#writer);
    this.#token = token;
    this.#exit = captureExit((code) => this.#onExit(code));
  }

  /** Serves until the engine closes the channel, then ends the process. */
  async serve(): Promise<never> {
    captureConsole((level, message) => this.#log(this.#current.getStore(), { level, message }));
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      this.#onStray(event.reason, "a promise that nobody waits for was rejected");
    });
    globalThis.addEventListener("error", (event) => {
      event.preventDefault();
      this.#onStray(event.error, "an error came up outside of its function");
    });
    this.#writer.write(FrameKind.HELLO, 0, this.#token);
    await readFrames(this.#channel, MAX_PAYLOAD_BYTES, (kind, id, payload) => {
      const text = this.#decoder.decode(payload);
      if (kind === FrameKind.INIT) this.#start(JSON.parse(text));
      else if (kind === FrameKind.CALL) queueMicrotask(() => this.#call(id, JSON.parse(text)));
      else if (kind === FrameKind.ABORT) this.#abort(id, text as AbortKind);
      else if (kind === FrameKind.ANSWER) this.#asks.answer(JSON.parse(text));
      else if (kind === FrameKind.TELL) this.#asks.hear(JSON.parse(text));
    });
    return this.#exit(0);
  }

  #start(init: HostInit): void {
    this.#init = { ...init, secrets: deepFreeze(init.secrets) };
    if (init.http === "answer") {
      this.#transport = (request, service) => this.#answered(request, service);
    }
    if (init.http === "record") {
      this.#transport = (request, service) => this.#record(request, service);
    }
    if (init.http !== "live") {
      globalThis.fetch = createFetch(
        (request, service) => this.#transport(request, service),
        () => this.#current.getStore()?.context,
      );
    }
    let previous: Promise<unknown> = Promise.resolve();
    for (const node of init.nodes) {
      const loaded = previous.then(() => this.#load(node, init.folderUrl));
      this.#nodes.set(node.id, loaded);
      previous = loaded;
    }
    previous.then(() => this.#report());
  }

  /** One after another, so that the engine knows whose module hangs. */
  async #load(node: HostInit["nodes"][number], folderUrl: string): Promise<LoadedNode> {
    const place = { node: node.id, folderUrl };
    this.#writer.write(FrameKind.IMPORTING, 0, node.id);
    try {
      // The specifier is computed: a literal prefix would put the folder into this entry's static
      // graph, whose imports the runtime does not check against the host's rights.
      const module = await import(node.url);
      const run = nodeFunction(module, { node: node.id, file: node.url.replace(folderUrl, "./") });
      return { run, config: deepFreeze(node.config) };
    } catch (thrown) {
      if (thrown instanceof CodedError) return { failure: toFailure(thrown, place) };
      return { failure: toLoadFailure(thrown, place) };
    }
  }

  async #report(): Promise<void> {
    const problems: { node: string; failure: HostFailure }[] = [];
    for (const [node, loading] of this.#nodes) {
      const loaded = await loading;
      if ("failure" in loaded) problems.push({ node, failure: loaded.failure });
    }
    this.#writer.write(FrameKind.READY, 0, JSON.stringify(problems satisfies HostReady));
  }

  #call(id: number, request: HostCall): void {
    const call = {
      id,
      node: request.node,
      controller: new AbortController(),
      context: undefined,
      settled: false,
    };
    this.#calls.set(id, call);
    this.#current.run(call, () => this.#execute(call, request));
  }

  async #execute(call: ActiveCall, request: HostCall): Promise<void> {
    const init = this.#init;
    const loading = this.#nodes.get(call.node);
    if (init === undefined || loading === undefined) throw new Error(`no node "${call.node}"`);
    // The engine starts the node's clock on BEGIN, so it must have left before the node can block.
    const busy = this.#writer.flushed();
    if (busy !== undefined) await busy;
    this.#writer.write(FrameKind.BEGIN, call.id);
    const place = { node: call.node, folderUrl: init.folderUrl };
    try {
      const loaded = await loading;
      if ("failure" in loaded) return this.#fail(call, loaded.failure);
      call.controller.signal.throwIfAborted();
      const context = createContext({
        run: {
          id: request.run.id,
          workflow: init.workflow,
          version: init.version,
          node: call.node,
          attempt: request.attempt,
          trigger: request.run.trigger,
        },
        signal: call.controller.signal,
        config: request.config === undefined ? loaded.config : deepFreeze(request.config),
        secrets: request.secrets === undefined
          ? init.secrets
          : deepFreeze<Secrets>(request.secrets),
        services: init.services,
        transport: this.#transport,
        trace: request.trace && {
          headers: request.trace,
          onFetch: (fetch) => this.#writer.write(FrameKind.FETCHED, call.id, JSON.stringify(fetch)),
        },
        ask: (...asked) => this.#asks.ask(call, init.maxOutputBytes, ...asked),
        onLog: (line) => this.#log(call, line),
      });
      call.context = context;
      const output = serializeOutput(await loaded.run(context, request.input), init.maxOutputBytes);
      if (output.ok) return this.#settle(call, FrameKind.DONE, output.text);
      const { code, message, fix } = output;
      this.#fail(call, { error: { code, message, fix }, retry: "never" });
    } catch (thrown) {
      if (thrown instanceof NodeExit) return;
      const retryAfterMs = call.context && lastRetryAfterMs(call.context);
      this.#fail(call, toFailure(thrown, { ...place, retryAfterMs }));
    }
  }

  #settle(call: ActiveCall, kind: number, payload: string): void {
    if (call.settled) return;
    call.settled = true;
    this.#calls.delete(call.id);
    this.#writer.write(kind, call.id, payload);
  }

  #fail(call: ActiveCall, failure: HostFailure): void {
    this.#settle(call, FrameKind.FAILED, JSON.stringify(failure));
  }

  #abort(id: number, kind: AbortKind): void {
    // A call of the same chunk starts in a microtask: it must see the abort before it begins.
    queueMicrotask(() => {
      const message = kind === "timeout" ? "The node's timeout passed" : "The run was cancelled";
      const name = kind === "timeout" ? "TimeoutError" : "AbortError";
      this.#calls.get(id)?.controller.abort(new DOMException(message, name));
    });
  }

  #log(
    call: ActiveCall | undefined,
    line: { level: string; message: string; fields?: unknown },
  ): void {
    this.#writer.write(FrameKind.LOG, call?.id ?? 0, JSON.stringify(line));
  }

  /** `Deno.exit()` ends the call that made it, not the host that others share. */
  #onExit(code: number): never {
    const call = this.#current.getStore() ?? this.#onlyCall();
    if (call === undefined) return this.#exit(code);
    this.#fail(call, {
      error: {
        code: "NODE_EXIT",
        message: `Cannot finish node "${call.node}" as a node must return: it called exit(${code})`,
        fix: `Return a value, or throw a TerminalError, in node "${call.node}"`,
      },
      retry: "policy",
    });
    throw new NodeExit();
  }

  /** An error that no call's promise carries. Without a known call every call here is in doubt. */
  #onStray(thrown: unknown, what: string): void {
    if (thrown instanceof NodeExit || thrown instanceof PipelineExit) return;
    const call = this.#current.getStore() ?? this.#onlyCall();
    const folderUrl = this.#init?.folderUrl ?? "";
    const node = call?.node ?? "?";
    const { error, retry } = toFailure(thrown, { node, folderUrl });
    const stray = { ...error, message: `${error.message} (${what})` };
    if (call !== undefined) return this.#fail(call, { error: stray, retry });
    this.#log(undefined, { level: "error", message: `${stray.code}: ${stray.message}` });
    if (this.#calls.size > 0) this.#exit(1);
  }

  #onlyCall(): ActiveCall | undefined {
    return this.#calls.size === 1 ? this.#calls.values().next().value : undefined;
  }

  async #answered(request: Request, service: string | undefined): Promise<Response> {
    const call = this.#current.getStore() ?? this.#onlyCall();
    const asked = await toHttpCall(request, service);
    return toResponse(await this.#asks.fetch(call?.id ?? 0, asked), asked.url);
  }

  async #record(request: Request, service: string | undefined): Promise<Response> {
    const call = this.#current.getStore() ?? this.#onlyCall();
    const asked = await toHttpCall(request.clone(), service);
    const response = await liveTransport(request, service);
    const exchange = await toExchange(asked, response.clone());
    this.#writer.write(FrameKind.EXCHANGE, call?.id ?? 0, JSON.stringify(exchange));
    return response;
  }
}
