import type { HttpMode } from "../context/mod.ts";
import { KILL_GRACE_MS, type LogLine, type NodeCall, type NodeOutcome } from "../executor/mod.ts";
import { PdError } from "../errors/mod.ts";
import { answerAsk } from "./answer_ask.ts";
import type { ContainersOnDemand } from "./containers_on_demand.ts";
import { FrameKind } from "./frames.ts";
import { answerFetch, saveExchange } from "./host_http.ts";
import type { HostExit, HostLaunch } from "./host_process.ts";
import { HostUpkeep } from "./host_upkeep.ts";
import type { NodeTracing } from "./node_tracing.ts";
import { CANCELLED, died, failed, lost, notStarted, succeeded } from "./outcomes.ts";
import { type CallOverrides, PooledCall } from "./pooled_call.ts";
import { PooledHost, type PoolEvents } from "./pooled_host.ts";
import type {
  AbortKind,
  HostAsk,
  HostCall,
  HostExchange,
  HostFailure,
  HostFetch,
  HostFetched,
  HostReady,
} from "./protocol.ts";

/** How a pool is set up. */
export interface HostPoolOptions {
  readonly launch: HostLaunch;
  readonly http: HttpMode;
  readonly tracing?: NodeTracing | undefined;
  /** Answers what nodes ask for. */
  readonly containers: ContainersOnDemand;
  /** Hosts at the most; one more may run for a call that must be alone. */
  readonly maxHosts: number;
  /** None is started before a call needs it, and the last is let go when none needed it for so long. */
  readonly onDemand?: { readonly lastIdleMs: number } | undefined;
  /** Whether the modules are still those that the first host has loaded. */
  isUnchanged(): Promise<boolean>;
  onWarning(message: string): void;
}

/** Hosts that may die in a row before they were ready. */
const MAX_FAILED_STARTS = 3;

/**
 * The hosts of one set of rights. A call goes to a free host first, to a new one next, and shares one
 * only when there are as many as there may be; and then only with calls that have begun, so that a
 * node which blocks its host holds back one other call at most. After an edit no further host joins
 * those that run the old code.
 */
export class HostPool implements PoolEvents, AsyncDisposable {
  readonly #options: HostPoolOptions;
  readonly #hosts = new Set<PooledHost>();
  #queue: PooledCall[] = [];
  #lastId = 0;
  #failedStarts = 0;
  /** The files were edited: more hosts would run other code than these. */
  #isFrozen = false;
  #startState = "";
  #isClosed = false;
  readonly #checks = new Set<Promise<void>>();
  /** Resolves with the first host that is ready; rejects, and is made anew, when none comes up. */
  #ready = Promise.withResolvers<HostReady>();
  #hasBeenReady = false;
  #upkeep: HostUpkeep | undefined;

  constructor(options: HostPoolOptions) {
    this.#options = options;
    this.#ready.promise.catch(() => {});
  }

  get pids(): number[] {
    return [...this.#hosts].map((host) => host.process.pid);
  }

  get busyHosts(): number {
    let busy = 0;
    for (const host of this.#hosts) if (!host.isIdle) busy++;
    return busy;
  }

  get calls(): number {
    let calls = this.#queue.length;
    for (const host of this.#hosts) calls += host.begun.size + (host.waiting === undefined ? 0 : 1);
    return calls;
  }

  /** Starts hosts ahead of need, up to `count` in all, unless they are on demand. */
  warm(count: number): void {
    if (this.#options.onDemand !== undefined) return;
    while (!this.#isClosed && this.#hosts.size < Math.min(count, this.#options.maxHosts)) {
      if (this.#startHost() === undefined) return;
    }
  }

  /** The modules that cannot be used, once one host has tried them all; on demand nobody has tried, and none is told. */
  ready(): Promise<HostReady> {
    if (this.#options.onDemand !== undefined) return Promise.resolve([]);
    this.warm(1);
    return this.#ready.promise;
  }

  /** Runs one attempt. Resolves in any case, and only after a host that had to be killed is gone. */
  run(call: NodeCall, overrides: CallOverrides = {}): Promise<NodeOutcome> {
    if (call.signal.aborted || this.#isClosed) return Promise.resolve(CANCELLED);
    const pooled = new PooledCall(++this.#lastId, call, overrides);
    const onAbort = () => this.#abort(pooled);
    call.signal.addEventListener("abort", onAbort);
    this.#queue.push(pooled);
    this.#pump();
    return pooled.outcome.finally(() => call.signal.removeEventListener("abort", onAbort));
  }

  /** Kills every host and waits until all are gone. Calls end as cancelled. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#upkeep?.[Symbol.dispose]();
    const calls = this.#queue;
    this.#queue = [];
    for (const call of calls) call.settle(CANCELLED);
    const hosts = [...this.#hosts];
    for (const host of hosts) host.kill();
    await Promise.all(hosts.map((host) => host.process.ended));
    await Promise.all(this.#checks);
    this.#ready.resolve([]);
  }

  #pump(): void {
    for (let i = 0; i < this.#queue.length;) {
      const call = this.#queue[i];
      if (call === undefined) return;
      const host = this.#hostFor(call.call.exclusive);
      if (host === undefined) {
        if (!call.call.exclusive) return;
        i++;
        continue;
      }
      this.#queue.splice(i, 1);
      this.#send(host, call);
    }
  }

  #hostFor(isExclusive: boolean): PooledHost | undefined {
    const { maxHosts } = this.#options;
    let shared: PooledHost | undefined;
    let isStarting = false;
    for (const host of this.#hosts) {
      // The host beyond the limit is for calls that must be alone: others would never leave it free.
      if (host.isSpare && !isExclusive && this.#hosts.size > maxHosts) continue;
      if (!host.isOpen && !host.isDying) isStarting = true;
      if (!host.isOpen || host.isDying || host.isReserved || host.waiting !== undefined) continue;
      if (host.begun.size === 0) return host;
      if (shared === undefined || host.begun.size < shared.begun.size) shared = host;
    }
    if (isStarting && !isExclusive) return undefined;
    const isFull = this.#hosts.size >= (isExclusive ? maxHosts + 1 : maxHosts);
    if (!isFull && !this.#isFrozen || this.#hosts.size === 0) {
      const host = this.#startHost();
      return host?.isOpen ? host : undefined;
    }
    return isExclusive ? undefined : shared;
  }

  #startHost(): PooledHost | undefined {
    if (this.#isClosed) return undefined;
    if (this.#isFrozen && this.#hosts.size === 0) {
      this.#options.onWarning(
        "a host of an older version starts with files edited since, as none is left",
      );
    }
    try {
      const host = new PooledHost(this.#options.launch, this);
      host.lastUsedAt = performance.now();
      // The first loads whatever is there; those that join it must load the same.
      host.isOpen = this.#hosts.size === 0;
      host.isSpare = this.#hosts.size >= this.#options.maxHosts;
      this.#hosts.add(host);
      this.#upkeep ??= new HostUpkeep(this.#hosts, {
        lastIdleMs: this.#options.onDemand?.lastIdleMs ?? Infinity,
      });
      return host;
    } catch (error) {
      this.#startState = (error as Error).message;
      this.#failedStarts = MAX_FAILED_STARTS;
      queueMicrotask(() => this.#giveUp());
      return undefined;
    }
  }

  #send(host: PooledHost, pooled: PooledCall): void {
    const { call, overrides } = pooled;
    pooled.state = "sent";
    host.waiting = pooled;
    host.lastUsedAt = performance.now();
    if (call.exclusive) host.isReserved = true;
    else host.isSpare = false;
    const trace = this.#options.tracing?.headersOf(call);
    const request: HostCall = {
      node: call.node.id,
      attempt: call.attempt,
      run: { id: call.run.id, trigger: call.run.trigger },
      input: call.input,
      ...(overrides.config === undefined ? {} : { config: overrides.config }),
      ...(overrides.secrets === undefined ? {} : { secrets: overrides.secrets }),
      ...(trace === undefined ? {} : { trace }),
    };
    host.process.send(FrameKind.CALL, pooled.id, JSON.stringify(request));
  }

  #abort(pooled: PooledCall): void {
    if (pooled.state === "settled") return;
    pooled.isAborted = true;
    pooled.asks?.end();
    if (pooled.state === "queued") {
      this.#queue = this.#queue.filter((other) => other !== pooled);
      return pooled.settle(CANCELLED);
    }
    for (const host of this.#hosts) {
      if (host.waiting !== pooled && !host.begun.has(pooled.id)) continue;
      host.process.send(FrameKind.ABORT, pooled.id, abortKindOf(pooled.call.signal));
      const timer = setTimeout(() => this.#overrun(host, pooled), KILL_GRACE_MS);
      pooled.outcome.finally(() => clearTimeout(timer));
      return;
    }
  }

  /** The grace has passed. A call that never began is let go; one that runs costs its host. */
  #overrun(host: PooledHost, pooled: PooledCall): void {
    if (host.begun.has(pooled.id)) return host.kill();
    pooled.settle(CANCELLED);
  }

  onReady(host: PooledHost, problems: HostReady): void {
    this.#failedStarts = 0;
    if (host.isOpen) return this.#tellReady(problems);
    const check = this.#open(host, problems);
    this.#checks.add(check);
    check.finally(() => this.#checks.delete(check));
  }

  /** Lets a further host take calls, unless it may have loaded other code than those before it. */
  async #open(host: PooledHost, problems: HostReady): Promise<void> {
    if (await this.#options.isUnchanged()) {
      host.isOpen = true;
      this.#tellReady(problems);
    } else {
      this.#isFrozen = true;
      host.kill();
    }
    this.#pump();
  }

  #tellReady(problems: HostReady): void {
    this.#hasBeenReady = true;
    this.#ready.resolve(problems);
  }

  onBegun(host: PooledHost, pooled: PooledCall): void {
    if (pooled.state === "settled") {
      // It was let go before it began, and its abort is right behind it in the channel.
      const timer = setTimeout(() => host.begun.has(pooled.id) && host.kill(), KILL_GRACE_MS);
      host.process.ended.finally(() => clearTimeout(timer));
    } else {
      pooled.state = "begun";
      pooled.call.onBegin();
    }
    if (this.#queue.length > 0) this.#pump();
  }

  onDone(host: PooledHost, pooled: PooledCall, outputText: string): void {
    pooled.settle(succeeded(outputText));
    this.#release(host);
  }

  onFailed(host: PooledHost, pooled: PooledCall, failure: HostFailure): void {
    pooled.settle(failed(failure));
    this.#release(host);
  }

  onLog(_host: PooledHost, pooled: PooledCall | undefined, line: LogLine): void {
    if (pooled !== undefined) return pooled.call.onLog(line);
    this.#options.onWarning(line.message);
  }

  async onFetch(host: PooledHost, pooled: PooledCall | undefined, asked: HostFetch): Promise<void> {
    const answer = await answerFetch(asked, pooled, this.#options.http);
    host.process.send(FrameKind.ANSWER, 0, JSON.stringify(answer));
  }

  onExchange(_host: PooledHost, pooled: PooledCall | undefined, exchange: HostExchange): void {
    const saved = saveExchange(exchange, pooled, this.#options);
    if (pooled !== undefined) (pooled.saves ??= []).push(saved);
  }

  onFetched({ call }: PooledCall, fetched: HostFetched): void {
    this.#options.tracing?.onFetch(call, fetched);
  }

  onAsk(
    host: PooledHost,
    pooled: PooledCall | undefined,
    asked: HostAsk & { readonly chars: number },
  ): void {
    const { containers, launch: { maxPayloadBytes } } = this.#options;
    void answerAsk(host, pooled, asked, { containers, maxPayloadBytes });
  }

  onExit(host: PooledHost, exit: HostExit): void {
    this.#hosts.delete(host);
    if (this.#hosts.size === 0) this.#rest();
    const { launch } = this.#options;
    const begun = [...host.begun.values()];
    const isToBlame = begun.length === 1 && exit.kind !== "killed";
    for (const pooled of begun) {
      if (this.#isClosed) pooled.isAborted = true;
      const node = pooled.call.node.id;
      pooled.settle(isToBlame ? died(exit, node, launch.memoryBytes) : lost(node, exit));
    }
    if (host.waiting !== undefined && host.waiting.state !== "settled") {
      if (host.waiting.isAborted || this.#isClosed) host.waiting.settle(CANCELLED);
      else {
        host.waiting.state = "queued";
        this.#queue.unshift(host.waiting);
      }
    }
    if (!host.isReady && exit.kind !== "killed" && begun.length === 0) {
      this.#failedStarts++;
      this.#startState = stateOf(exit, host.importing);
    }
    if (this.#failedStarts >= MAX_FAILED_STARTS) return this.#giveUp();
    if (this.#queue.length > 0) this.#pump();
    // The next call shall find a host that is up, not wait for one.
    else if (host.isReady && !this.#isFrozen) this.warm(1);
  }

  /** Without a host there is nothing to look after, and the next one loads whatever is there. */
  #rest(): void {
    this.#upkeep?.[Symbol.dispose]();
    this.#upkeep = undefined;
  }

  /** Hosts do not come up: every call that waits for one is told why. */
  #giveUp(): void {
    const calls = this.#queue;
    this.#queue = [];
    this.#failedStarts = 0;
    for (const pooled of calls) pooled.settle(notStarted(pooled.call.node.id, this.#startState));
    if (this.#hasBeenReady) return;
    this.#ready.reject(new Error(this.#startState));
    this.#ready = Promise.withResolvers();
    this.#ready.promise.catch(() => {});
  }

  #release(host: PooledHost): void {
    host.lastUsedAt = performance.now();
    if (host.isReserved && host.isIdle) host.isReserved = false;
    if (this.#queue.length > 0) this.#pump();
  }
}

function abortKindOf(signal: AbortSignal): AbortKind {
  const { reason } = signal;
  const isTimeout = reason instanceof PdError && reason.code === "NODE_TIMEOUT" ||
    reason instanceof DOMException && reason.name === "TimeoutError";
  return isTimeout ? "timeout" : "cancelled";
}

function stateOf(exit: HostExit, importing: string | undefined): string {
  const state = exit.kind === "crashed" ? exit.state : exit.kind;
  return importing === undefined ? state : `${state}, while it imported node "${importing}"`;
}
