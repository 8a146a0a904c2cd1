import type { AskEngine, HttpAnswer, HttpCall } from "../../context/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { ErrorRecord } from "../../executor/mod.ts";
import type { JsonValue } from "../../json/mod.ts";
import { FrameKind, type FrameWriter } from "../frames.ts";
import type { HostAnswer, HostAsk, HostFetch, HostTold, HostUnask } from "../protocol.ts";

/** The call that asks, as far as its questions need it. */
interface AskingCall {
  readonly id: number;
  readonly node: string;
  readonly controller: AbortController;
  readonly settled: boolean;
}

/** What the calls of a host want of their engine, from the question to its answer. */
export class EngineAsks {
  readonly #writer: FrameWriter;
  readonly #answers = new Map<number, (answer: HostAnswer) => void>();
  /** Take what comes before an answer. */
  readonly #listeners = new Map<number, (value: JsonValue) => void>();
  #requests = 0;

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  /** A request that the engine answers in place of a service. `callId` is 0 when nobody knows whose it is. */
  async fetch(callId: number, call: HttpCall): Promise<HttpAnswer> {
    const request = ++this.#requests;
    const answered = new Promise<HostAnswer>((resolve) => this.#answers.set(request, resolve));
    this.#writer.write(
      FrameKind.FETCH,
      callId,
      JSON.stringify({ request, call } satisfies HostFetch),
    );
    const answer = await answered;
    if ("error" in answer) throw errorOf(answer.error);
    // The engine answers each kind of question by its own kind of value.
    return answer.value as unknown as HttpAnswer;
  }

  /**
   * What `askOf` of the call's context is. Its promise stays as it is once the call is over: nobody waits for it.
   *
   * @param maxBytes Of the question.
   */
  ask(call: AskingCall, maxBytes: number, ...asked: Parameters<AskEngine>): Promise<JsonValue> {
    const [method, params, { signal, onTell } = {}] = asked;
    const ends = [call.controller.signal, ...signal === undefined ? [] : [signal]];
    const ended = () => ends.find(({ aborted }) => aborted);
    if (ended() !== undefined) return Promise.reject(ended()?.reason);
    if (call.settled) return Promise.reject(isOver(method, call.node));
    const request = ++this.#requests;
    const text = JSON.stringify({ request, method, params } satisfies HostAsk);
    if (isLonger(text, maxBytes)) return Promise.reject(tooLarge(method, maxBytes));
    const { promise, resolve, reject } = Promise.withResolvers<JsonValue>();
    const onAbort = () => {
      this.#writer.write(FrameKind.UNASK, call.id, JSON.stringify({ request } satisfies HostUnask));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    if (onTell !== undefined) this.#listeners.set(request, onTell);
    this.#answers.set(request, (answer) => {
      this.#listeners.delete(request);
      signal?.removeEventListener("abort", onAbort);
      if (call.settled) return;
      if ("value" in answer) return resolve(answer.value);
      reject(ended() === undefined ? errorOf(answer.error) : ended()?.reason);
    });
    this.#writer.write(FrameKind.ASK, call.id, text);
    return promise;
  }

  /** Takes an `ANSWER`. */
  answer(answer: HostAnswer): void {
    const take = this.#answers.get(answer.request);
    this.#answers.delete(answer.request);
    take?.(answer);
  }

  /** Takes a `TELL`. */
  hear({ request, value }: HostTold): void {
    this.#listeners.get(request)?.(value);
  }
}

function errorOf({ code, message, fix, exitCode }: ErrorRecord): CodedError {
  return new CodedError(code as CodedError["code"], message, {
    ...fix === undefined ? {} : { fix },
    ...exitCode === undefined ? {} : { exitCode },
  });
}

function isLonger(text: string, maxBytes: number): boolean {
  // Bytes are at most three times as many as characters.
  return text.length * 3 > maxBytes && new TextEncoder().encode(text).length > maxBytes;
}

function tooLarge(method: string, maxBytes: number): CodedError {
  return new CodedError(
    "ASK_REFUSED",
    `Cannot call "${method}" with this as all of it may have ${maxBytes} bytes: it is larger`,
    { fix: "Pass large data by files, or raise config.max_output in workflow.yaml" },
  );
}

function isOver(method: string, node: string): CodedError {
  return new CodedError(
    "ASK_REFUSED",
    `Cannot call "${method}" as the call of node "${node}" must be going on: it is over`,
    { fix: "Await what ctx.process.run and the like return before the node returns" },
  );
}
