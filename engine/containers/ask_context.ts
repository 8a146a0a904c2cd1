import { type Secrets, selectSecrets } from "../context/mod.ts";
import type { NodeCall } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { TaskOutput } from "./asks.ts";
import type { Asked, Tell } from "./containers.ts";
import { configText, driverOf, type EngineParts } from "./engine_parts.ts";
import { orAborted, OutputPipe } from "../programs/mod.ts";
import type { Place } from "./place.ts";
import type { RunScope } from "./run_scope.ts";

/** How much of each stream is kept for an answer, which has room for `config.max_output` of both together. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Everything that the answer to one question is made with. */
export class AskContext {
  readonly call: NodeCall;
  readonly asked: Asked;
  readonly tell: Tell;
  readonly parts: EngineParts;
  readonly scope: RunScope;
  /** Ends the question. */
  readonly signal: AbortSignal;

  constructor(
    call: NodeCall,
    asked: Asked,
    { tell, parts }: { readonly tell: Tell; readonly parts: EngineParts },
  ) {
    this.call = call;
    this.asked = asked;
    this.tell = tell;
    this.parts = parts;
    this.scope = parts.scopeOf(call);
    this.signal = AbortSignal.any([asked.signal, call.signal, this.scope.signal]);
  }

  /** The driver that questions of this call go to. */
  async place(): Promise<Place> {
    const address = driverOf(this.parts, this.call, undefined);
    return await orAborted(this.parts.pool.get(address), this.signal);
  }

  /** `config.<key>` of the node or the workflow. */
  config(key: string): string | undefined {
    return configText(this.parts, this.call, key);
  }

  /**
   * What `secret:` may name: what the node's `permissions.secrets` let it have. A stored pipeline has no secrets
   * itself, and may hand any of them to its steps.
   */
  get secrets(): Secrets {
    const { spec } = this.call.node;
    if (spec.kind !== "code" || typeof spec.config["pipeline_id"] === "string") {
      return this.parts.secrets;
    }
    return selectSecrets(this.parts.secrets, spec.permissions?.secrets);
  }

  /** Removes a container that stays once the call is over, if the question has not been withdrawn by then. */
  closeAfterCall(key: string): void {
    const { signal } = this.asked;
    // What is answered can only end with its call.
    if (signal.aborted || !this.scope.standing.claim(key)) return;
    signal.addEventListener("abort", () => {
      this.scope.track(this.scope.standing.close(key)).catch(() => {});
    }, { once: true });
  }

  /** One stream of a step: told, shown live, and logged in lines. */
  stepPipe(stream: TaskOutput["stream"], step: string, wantsOutput: boolean): OutputPipe {
    const { call, parts, scope } = this;
    return new OutputPipe({
      redactor: parts.redactor,
      keepBytes: MAX_ANSWER_BYTES,
      onText: (text) => {
        parts.settings.onOutput?.({ runId: scope.id, node: call.node.id, stream, text });
        // Whatever does not fit meanwhile is in the answer.
        if (wantsOutput) {
          this.tell({ stream, text } satisfies TaskOutput as JsonValue)?.catch(() => {});
        }
      },
      onLine: (message) =>
        call.onLog({
          level: stream === "stdout" ? "info" : "warn",
          message,
          fields: { stream, step },
        }),
    });
  }
}
