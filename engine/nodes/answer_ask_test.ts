import assert from "node:assert/strict";
import { type LogLine, memoryTasks, type NodeCall } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { FakeContainers } from "./_fake_containers.ts";
import { answerAsk, type AskingHost } from "./answer_ask.ts";
import { ContainersOnDemand } from "./containers_on_demand.ts";
import { FrameKind } from "./frames.ts";
import { PooledCall } from "./pooled_call.ts";

const MIB = 1024 * 1024;

Deno.test("what comes before an answer is told in order, and nothing after it", async () => {
  const play = new Play();
  let tellLater: (value: JsonValue) => void = () => {};
  play.containers.answer = ({ tell }) => {
    tellLater = tell;
    for (const text of ["a", "b"]) assert.equal(tell({ stream: "stdout", text }), undefined);
    return { code: 0 };
  };
  await play.ask();
  tellLater("late");
  assert.deepEqual(play.sent, [
    [FrameKind.TELL, 1, { request: 5, value: { stream: "stdout", text: "a" } }],
    [FrameKind.TELL, 1, { request: 5, value: { stream: "stdout", text: "b" } }],
    [FrameKind.ANSWER, 1, { request: 5, value: { code: 0 } }],
  ]);
  assert.deepEqual(play.logs, []);
});

Deno.test("whoever tells a host that does not keep up is asked to wait, and loses nothing by it", async () => {
  const play = new Play();
  let most = 0;
  play.containers.answer = async ({ tell }) => {
    for (let i = 0; i < 100; i++) {
      await tell("x".repeat(MIB));
      most = Math.max(most, play.queuedBytes);
    }
    return null;
  };
  await play.ask();
  assert.equal(play.sent.length, 101);
  assert.ok(most <= 2 * MIB, String(most));
  assert.deepEqual(play.logs, []);
});

Deno.test("of what is told to a host that does not keep up, without waiting, a bounded part is held", async () => {
  const play = new Play();
  play.containers.answer = ({ tell }) => {
    for (let i = 0; i < 1024; i++) tell("x".repeat(MIB));
    return null;
  };
  await play.ask();
  assert.ok(play.queuedBytes <= 8 * MIB, String(play.queuedBytes));
  assert.deepEqual(play.sent.at(-1), [FrameKind.ANSWER, 1, { request: 5, value: null }]);
  assert.deepEqual(play.logs.map(({ level }) => level), ["warn"]);
  assert.match(play.logs[0]?.message ?? "", /were not handed to the node/);
});

Deno.test("nothing is told to a call that is over", async () => {
  const play = new Play();
  play.containers.answer = ({ tell }) => {
    play.pooled.settle({ status: "cancelled" });
    tell("x");
    return null;
  };
  await play.ask();
  assert.deepEqual(play.sent.map(([kind]) => kind), [FrameKind.ANSWER]);
});

Deno.test("an answer that JSON cannot carry is an error", async () => {
  const play = new Play();
  const loop: Record<string, JsonValue> = {};
  loop["self"] = loop;
  play.containers.answer = () => loop;
  await play.ask();
  const [, , answer] = play.sent[0] ?? [];
  assert.equal((answer as { error: { code: string } }).error.code, "NODE_OUTPUT_TOO_LARGE");
});

/** A host that takes what it is sent when somebody waits for that. */
class Play implements AskingHost {
  readonly containers = new FakeContainers();
  readonly asks: AskingHost["asks"] = new Map();
  readonly sent: (readonly [kind: number, id: number, payload: unknown])[] = [];
  readonly logs: LogLine[] = [];
  queuedBytes = 0;
  readonly pooled = new PooledCall(1, this.#call(), {});
  readonly process: AskingHost["process"];

  constructor() {
    const sent = this.sent;
    const take = () => void (this.queuedBytes = 0);
    const add = (text: string) => void (this.queuedBytes += text.length);
    const queued = () => this.queuedBytes;
    this.process = {
      send(kind, id, payload = "") {
        add(payload);
        sent.push([kind, id, JSON.parse(payload)]);
      },
      get queuedBytes() {
        return queued();
      },
      flushed: () => Promise.resolve().then(take),
    };
  }

  async ask(): Promise<void> {
    await answerAsk(this, this.pooled, {
      request: 5,
      method: "runtime.run",
      params: {},
      chars: 2,
    }, {
      containers: new ContainersOnDemand(this.containers.open),
      maxPayloadBytes: 16 * MIB,
    });
    assert.equal(this.asks.size, 0);
  }

  #call(): NodeCall {
    return {
      node: { id: "it", spec: { kind: "container" } } as NodeCall["node"],
      attempt: 1,
      input: {},
      run: { id: "run-1", workflow: "test", version: "1.0", trigger: {} },
      signal: new AbortController().signal,
      exclusive: false,
      tasks: memoryTasks(),
      onBegin: () => {},
      onLog: (line) => this.logs.push(line),
    };
  }
}
