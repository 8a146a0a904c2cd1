import {
  type Context,
  createContext,
  createTransport,
  deepFreeze,
  type FetchTrace,
  type HttpMode,
  lastRetryAfterMs,
  type Secrets,
} from "../context/mod.ts";
import type { CompiledNode } from "../compiler/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import { type JsonObject, type JsonValue, serializeOutput } from "../json/mod.ts";
import type { ServiceSpec } from "../spec/mod.ts";
import { CallAsks } from "./call_asks.ts";
import type { ContainersOnDemand } from "./containers_on_demand.ts";
import { toFailure, toLoadFailure } from "./host/failure.ts";
import { type NodeFunction, nodeFunction } from "./node_module.ts";
import type { NodeTracing } from "./node_tracing.ts";
import { failed, succeeded } from "./outcomes.ts";
import type { CallOverrides } from "./pooled_call.ts";

/** What nodes inside the engine have in common. */
export interface InlineOptions {
  /** `file:` URL of the workflow folder with a trailing slash. */
  readonly folderUrl: string;
  readonly services: { readonly [name: string]: ServiceSpec };
  readonly maxOutputBytes: number;
  readonly http: HttpMode;
  readonly tracing?: NodeTracing | undefined;
  /** Answers what nodes ask for. */
  readonly containers: ContainersOnDemand;
}

/** One node with `isolation: none`. */
export interface InlineNode {
  readonly node: CompiledNode;
  readonly url: string;
  readonly config: JsonObject;
  readonly secrets: Secrets;
}

/**
 * Calls nodes with `isolation: none` inside the engine: trusted code, at the cost of a function call. Its
 * timeout fires the signal and no more, as nothing can stop it by force.
 */
export class InlineRunner {
  readonly #options: InlineOptions;
  readonly #nodes = new Map<string, InlineNode>();
  readonly #modules = new Map<string, Promise<NodeFunction>>();

  constructor(nodes: readonly InlineNode[], options: InlineOptions) {
    this.#options = options;
    for (const node of nodes) {
      this.#nodes.set(node.node.id, {
        ...node,
        config: deepFreeze(node.config),
        secrets: deepFreeze(node.secrets),
      });
    }
  }

  /** Imports every module. @throws {CodedError} `NODE_INVALID` */
  async ready(): Promise<void> {
    for (const { node, url } of this.#nodes.values()) await this.#load(node.id, url);
  }

  async run(call: NodeCall, overrides: CallOverrides = {}): Promise<NodeOutcome> {
    const inline = this.#nodes.get(call.node.id);
    if (inline === undefined) throw new Error(`no inline node "${call.node.id}"`);
    const place = { node: call.node.id, folderUrl: this.#options.folderUrl };
    let context: Context | undefined;
    let asks: CallAsks | undefined;
    call.onBegin();
    try {
      const run = await this.#load(call.node.id, inline.url);
      context = createContext({
        run: {
          id: call.run.id,
          workflow: call.run.workflow,
          version: call.run.version,
          node: call.node.id,
          attempt: call.attempt,
          trigger: call.run.trigger,
        },
        signal: call.signal,
        config: overrides.config === undefined ? inline.config : deepFreeze(overrides.config),
        secrets: overrides.secrets === undefined ? inline.secrets : deepFreeze(overrides.secrets),
        services: this.#options.services,
        transport: createTransport(overrides.http ?? this.#options.http, call.node.id),
        trace: traceOf(call, this.#options.tracing),
        ask: (method, params, { signal, onTell } = {}) => {
          asks ??= endingWith(call, this.#options.containers);
          const tell = (value: JsonValue) => void onTell?.(value);
          return asks.ask({ method, params, chars: 0, signal, tell });
        },
        onLog: (line) => call.onLog(line),
      });
      const output = serializeOutput(await run(context, call.input), this.#options.maxOutputBytes);
      if (call.signal.aborted) return { status: "cancelled" };
      if (output.ok) return succeeded(output.text);
      const { code, message, fix } = output;
      return failed({ error: { code, message, fix }, retry: "never" });
    } catch (thrown) {
      if (call.signal.aborted) return { status: "cancelled" };
      const retryAfterMs = context === undefined ? undefined : lastRetryAfterMs(context);
      return failed(toFailure(thrown, { ...place, retryAfterMs }));
    } finally {
      asks?.end();
    }
  }

  #load(node: string, url: string): Promise<NodeFunction> {
    const known = this.#modules.get(node);
    if (known !== undefined) return known;
    const loading = importNode(node, url, this.#options.folderUrl);
    this.#modules.set(node, loading);
    loading.catch(() => this.#modules.delete(node));
    return loading;
  }
}

/** What a call asks for, until it returns or is told to stop. */
function endingWith(call: NodeCall, containers: ContainersOnDemand): CallAsks {
  const asks = new CallAsks(call, containers);
  call.signal.addEventListener("abort", () => asks.end(), { once: true });
  return asks;
}

function traceOf(call: NodeCall, tracing: NodeTracing | undefined): FetchTrace | undefined {
  const headers = tracing?.headersOf(call);
  if (headers === undefined) return undefined;
  return { headers, onFetch: (fetch) => tracing?.onFetch(call, fetch) };
}

async function importNode(node: string, url: string, folderUrl: string): Promise<NodeFunction> {
  let module: { readonly default?: unknown };
  try {
    module = await import(url);
  } catch (thrown) {
    const { error } = toLoadFailure(thrown, { node, folderUrl });
    throw new CodedError(
      "NODE_INVALID",
      error.message,
      error.fix === undefined ? {} : { fix: error.fix },
    );
  }
  return nodeFunction(module, { node, file: url.replace(folderUrl, "./") });
}
