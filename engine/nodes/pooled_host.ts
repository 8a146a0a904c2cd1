import type { LogLine } from "../executor/mod.ts";
import type { OpenAsk } from "./answer_ask.ts";
import { type HostExit, type HostLaunch, type HostListener, HostProcess } from "./host_process.ts";
import type {
  HostAsk,
  HostExchange,
  HostFailure,
  HostFetch,
  HostFetched,
  HostReady,
  HostUnask,
} from "./protocol.ts";
import type { PooledCall } from "./pooled_call.ts";

/** What a pool hears from its hosts. */
export interface PoolEvents {
  onReady(host: PooledHost, problems: HostReady): void;
  onBegun(host: PooledHost, call: PooledCall): void;
  onDone(host: PooledHost, call: PooledCall, outputText: string): void;
  onFailed(host: PooledHost, call: PooledCall, failure: HostFailure): void;
  onLog(host: PooledHost, call: PooledCall | undefined, line: LogLine): void;
  onFetch(host: PooledHost, call: PooledCall | undefined, asked: HostFetch): void;
  onExchange(host: PooledHost, call: PooledCall | undefined, exchange: HostExchange): void;
  onFetched(call: PooledCall, fetched: HostFetched): void;
  onAsk(
    host: PooledHost,
    call: PooledCall | undefined,
    asked: HostAsk & { readonly chars: number },
  ): void;
  onExit(host: PooledHost, exit: HostExit): void;
}

/** A host in a pool, with the calls that it has. */
export class PooledHost implements HostListener {
  readonly process: HostProcess;
  readonly begun = new Map<number, PooledCall>();
  /** Questions of its calls that are not answered yet, by request. */
  readonly asks = new Map<number, OpenAsk>();
  /** The one call that was sent and has not begun. */
  waiting: PooledCall | undefined;
  /** Serves one call alone. */
  isReserved = false;
  /** Started beyond the limit, for a call that must be alone. */
  isSpare = false;
  /** Every module is imported, or has failed to. */
  isReady = false;
  /** Calls may go there. */
  isOpen = false;
  /** It was told to die: no call goes there any more. */
  isDying = false;
  /** The node whose module it imports or has imported last. */
  importing: string | undefined;
  /** When it last had something to do, for closing idle ones. */
  lastUsedAt = 0;
  readonly #events: PoolEvents;

  constructor(launch: HostLaunch, events: PoolEvents) {
    this.#events = events;
    this.process = new HostProcess(launch, this);
  }

  get isIdle(): boolean {
    return this.begun.size === 0 && this.waiting === undefined;
  }

  /** Kills the process; calls are told when it is gone. */
  kill(exit?: HostExit): void {
    this.isDying = true;
    this.process.kill(exit);
  }

  onImporting(node: string): void {
    this.importing = node;
  }

  onReady(problems: HostReady): void {
    this.isReady = true;
    this.#events.onReady(this, problems);
  }

  onBegin(id: number): void {
    const call = this.waiting;
    if (call?.id !== id) return this.kill({ kind: "protocol" });
    this.waiting = undefined;
    this.begun.set(id, call);
    this.#events.onBegun(this, call);
  }

  onDone(id: number, outputText: string): void {
    const call = this.#take(id);
    if (call !== undefined) this.#events.onDone(this, call, outputText);
  }

  onFailed(id: number, failure: HostFailure): void {
    const call = this.#take(id);
    if (call !== undefined) this.#events.onFailed(this, call, failure);
  }

  onLog(id: number, line: LogLine): void {
    this.#events.onLog(this, this.#callOf(id), line);
  }

  onFetch(id: number, asked: HostFetch): void {
    this.#events.onFetch(this, this.#callOf(id), asked);
  }

  onExchange(id: number, exchange: HostExchange): void {
    this.#events.onExchange(this, this.#callOf(id), exchange);
  }

  onFetched(id: number, fetched: HostFetched): void {
    const call = this.begun.get(id);
    if (call !== undefined) this.#events.onFetched(call, fetched);
  }

  /** The call is named: nothing is guessed about who asks. */
  onAsk(id: number, asked: HostAsk & { readonly chars: number }): void {
    if (this.asks.has(asked.request)) return this.kill({ kind: "protocol" });
    this.#events.onAsk(this, this.begun.get(id), asked);
  }

  onUnask(id: number, { request }: HostUnask): void {
    const ask = this.asks.get(request);
    if (ask?.callId === id) ask.unask.abort();
  }

  onExit(exit: HostExit): void {
    this.isDying = true;
    this.#events.onExit(this, exit);
  }

  #take(id: number): PooledCall | undefined {
    const call = this.begun.get(id);
    this.begun.delete(id);
    return call;
  }

  /** The call of that number; for 0, which no call has, the only one that runs. */
  #callOf(id: number): PooledCall | undefined {
    if (id !== 0) return this.begun.get(id);
    return this.begun.size === 1 ? this.begun.values().next().value : undefined;
  }
}
