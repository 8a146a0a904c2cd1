import { CodedError } from "../errors/mod.ts";
import { recordOf } from "../executor/mod.ts";
import { formatBytes } from "../spec/mod.ts";
import { CallAsks, isOver } from "./call_asks.ts";
import type { ContainersOnDemand } from "./containers_on_demand.ts";
import { FrameKind } from "./frames.ts";
import type { PooledCall } from "./pooled_call.ts";
import type { HostProcess } from "./host_process.ts";
import type { HostAnswer, HostAsk, HostTold } from "./protocol.ts";

/** What waits for a host before whoever tells it more is asked to wait. */
const ENOUGH_BYTES = 1024 * 1024;
/** What waits for a host before more is left out. */
const MAX_TOLD_BYTES = 8 * 1024 * 1024;

/** A question that is not answered yet. */
export interface OpenAsk {
  /** Of the call that asks. */
  readonly callId: number;
  /** Aborting it ends the question, which is answered all the same. */
  readonly unask: AbortController;
}

/** The host that asks, as far as an answer needs it. */
export interface AskingHost {
  readonly process: Pick<HostProcess, "send" | "queuedBytes" | "flushed">;
  readonly asks: Map<number, OpenAsk>;
}

/** What a pool answers the questions of its hosts with. */
export interface AnswerOptions {
  readonly containers: ContainersOnDemand;
  /** Largest answer. */
  readonly maxPayloadBytes: number;
}

/**
 * Answers a question of a host's call. The call is the one whose number the frame has: a host can speak for its
 * own calls alone, and only while they go on. Never rejects.
 */
export async function answerAsk(
  host: AskingHost,
  pooled: PooledCall | undefined,
  asked: HostAsk & { readonly chars: number },
  options: AnswerOptions,
): Promise<void> {
  const { request, method, params, chars } = asked;
  const teller = new Teller(host, pooled, request);
  let answer: HostAnswer;
  try {
    if (pooled === undefined) throw isOver("?");
    const unask = new AbortController();
    host.asks.set(request, { callId: pooled.id, unask });
    pooled.asks ??= new CallAsks(pooled.call, options.containers);
    const value = await pooled.asks.ask({
      method,
      params,
      chars,
      signal: unask.signal,
      tell: (value) => teller.tell(value),
    });
    answer = { request, value: value ?? null };
  } catch (error) {
    answer = { request, error: recordOf(error) };
  }
  host.asks.delete(request);
  teller.end();
  host.process.send(FrameKind.ANSWER, pooled?.id ?? 0, toText(answer, options.maxPayloadBytes));
}

/** Tells a host what comes before an answer, as long as it keeps up. */
class Teller {
  readonly #host: AskingHost;
  readonly #pooled: PooledCall | undefined;
  readonly #request: number;
  #leftOut = 0;
  #isOver = false;

  constructor(host: AskingHost, pooled: PooledCall | undefined, request: number) {
    this.#host = host;
    this.#pooled = pooled;
    this.#request = request;
  }

  tell(value: HostTold["value"]): Promise<void> | undefined {
    const { process } = this.#host;
    if (this.#isOver || this.#pooled === undefined || this.#pooled.state === "settled") {
      return undefined;
    }
    const text = JSON.stringify({ request: this.#request, value } satisfies HostTold);
    if (process.queuedBytes + text.length > MAX_TOLD_BYTES) this.#leftOut += text.length;
    else process.send(FrameKind.TELL, this.#pooled.id, text);
    return process.queuedBytes > ENOUGH_BYTES ? process.flushed() : undefined;
  }

  /** Nothing follows but the answer, which has all of it. */
  end(): void {
    this.#isOver = true;
    if (this.#leftOut === 0) return;
    this.#pooled?.call.onLog({
      level: "warn",
      message:
        `${formatBytes(this.#leftOut)} of output were not handed to the node as they came, ` +
        "as it does not take them as fast as they come",
    });
  }
}

function toText(answer: HostAnswer, maxBytes: number): string {
  const { request } = answer;
  try {
    const text = JSON.stringify(answer);
    // Bytes are at most three times as many as characters.
    if (text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes) {
      return text;
    }
    return JSON.stringify({ request, error: recordOf(tooLarge(maxBytes)) });
  } catch {
    return JSON.stringify({ request, error: recordOf(tooLarge(maxBytes)) });
  }
}

function tooLarge(maxBytes: number): CodedError {
  return new CodedError(
    "NODE_OUTPUT_TOO_LARGE",
    `Cannot hand the answer to the node as that is limited to ${
      formatBytes(maxBytes)
    }: it is larger`,
    {
      fix: "Write to a file of the workspace instead, or raise config.max_output in workflow.yaml",
    },
  );
}
