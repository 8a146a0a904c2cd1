import type { Asked, Containers, Tell } from "../containers/mod.ts";
import type { NodeCall, NodeOutcome } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { ContainerNodeSpec } from "../spec/mod.ts";

/** A question that a test answers. */
export interface FakeAsk extends Asked {
  readonly call: NodeCall;
  readonly tell: Tell;
}

/** Containers of a test: they answer as they are told, and remember what was asked of them. */
export class FakeContainers implements Containers {
  readonly asks: FakeAsk[] = [];
  readonly nodes: string[] = [];
  readonly endedRuns: string[] = [];
  isDisposed = false;
  /** How many times they were opened. */
  opened = 0;
  /** Answers the question; by default with what was asked. */
  answer: (ask: FakeAsk) => JsonValue | Promise<JsonValue> = ({ params }) => params;
  runAnyNode: (call: NodeCall, spec: ContainerNodeSpec) => NodeOutcome | Promise<NodeOutcome> = (
    { input },
  ) => ({ status: "succeeded", output: input });

  /** What a runner opens them with. */
  readonly open = (): Promise<Containers> => {
    this.opened++;
    return Promise.resolve(this);
  };

  async runNode(call: NodeCall, spec: ContainerNodeSpec): Promise<NodeOutcome> {
    this.nodes.push(call.node.id);
    call.onBegin();
    return await this.runAnyNode(call, spec);
  }

  async ask(call: NodeCall, asked: Asked, tell: Tell): Promise<JsonValue> {
    const ask = { ...asked, call, tell };
    this.asks.push(ask);
    return await this.answer(ask);
  }

  endRun(runId: string): Promise<void> {
    this.endedRuns.push(runId);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }
}

/** Rejects once the question is ended, and never answers before that. */
export function untilEnded({ signal }: Asked): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
