import type { Tell } from "../containers/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { NodeCall } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { askDenied } from "./ask_rights.ts";
import type { ContainersOnDemand } from "./containers_on_demand.ts";

/** Things that one call may ask for at the same time. */
export const MAX_ASKS = 10_000;
/** How much of what it has asked for an engine holds, in characters of JSON. */
export const MAX_ASKED_CHARS = 64 * 1024 * 1024;

/** One question of a call. */
export interface Ask {
  readonly method: string;
  readonly params: JsonValue;
  /** Length of it as JSON. */
  readonly chars: number;
  /** Ends it before its call does. */
  readonly signal?: AbortSignal | undefined;
  readonly tell: Tell;
}

/** What one call has asked its engine for. All of it ends with the call, whatever way that ends. */
export class CallAsks {
  readonly #call: NodeCall;
  readonly #containers: ContainersOnDemand;
  readonly #end = new AbortController();
  #open = 0;
  #chars = 0;

  constructor(call: NodeCall, containers: ContainersOnDemand) {
    this.#call = call;
    this.#containers = containers;
  }

  /**
   * Asks the containers of the workflow.
   *
   * @throws {PdError} `ASK_REFUSED`, `PERMISSION_DENIED`, and as the method says
   */
  async ask({ method, params, chars, signal, tell }: Ask): Promise<JsonValue> {
    const node = this.#call.node.id;
    if (this.#end.signal.aborted || this.#call.signal.aborted) throw isOver(node);
    if (this.#open >= MAX_ASKS || this.#chars + chars > MAX_ASKED_CHARS) throw tooMany(node);
    const denied = askDenied(this.#call.node, method, this.#containers.config);
    if (denied !== undefined) throw denied;
    this.#open++;
    this.#chars += chars;
    try {
      const containers = await this.#containers.get();
      const signals = [this.#end.signal, ...signal === undefined ? [] : [signal]];
      const asked = { method, params, signal: AbortSignal.any(signals) };
      asked.signal.throwIfAborted();
      return await containers.ask(this.#call, asked, tell);
    } finally {
      this.#open--;
      this.#chars -= chars;
    }
  }

  /** Ends everything that goes on; nothing more may be asked. */
  end(): void {
    this.#end.abort(isOver(this.#call.node.id));
  }
}

/** A call that is over, or never was, has nothing to ask. */
export function isOver(node: string): CodedError {
  return new CodedError(
    "ASK_REFUSED",
    `Cannot do what node "${node}" asks for as its call must be going on: it is over`,
    { fix: "Await what ctx.process.run and the like return before the node returns" },
  );
}

function tooMany(node: string): CodedError {
  return new CodedError(
    "ASK_REFUSED",
    `Cannot do what node "${node}" asks for as that is limited: ${MAX_ASKS} things at the same ` +
      `time, ${MAX_ASKED_CHARS / 1024 ** 2} MiB of them together`,
    { fix: "Do less at the same time, and pass large data by files" },
  );
}
