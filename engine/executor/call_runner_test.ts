import assert from "node:assert/strict";
import { sampleNode } from "../compiler/mod.ts";
import { type Act, after, brief, gives, play } from "./_play.ts";
import type { NodeOutcome } from "./mod.ts";

const BREAKS: readonly { name: string; act: Act; says: RegExp }[] = [
  {
    name: "throws at once",
    act: () => {
      throw new Error("socket gone");
    },
    says: /socket gone/,
  },
  {
    name: "rejects later",
    act: async (call) => {
      call.onBegin();
      await Promise.resolve();
      throw new Error("socket gone");
    },
    says: /socket gone/,
  },
  {
    name: "rejects with no error",
    act: () => Promise.reject("half a frame"),
    says: /half a frame/,
  },
  {
    name: "gives no outcome",
    act: () => undefined as unknown as NodeOutcome,
    says: /gave no outcome/,
  },
];

for (const { name, act, says } of BREAKS) {
  Deno.test(`a runner that ${name} is an engine fault: INTERNAL, whatever the node allows`, async () => {
    const { clock, events, result } = play({
      nodes: [
        sampleNode("broken", {
          allowFailure: true,
          retry: { ...sampleNode("x").retry, maxAttempts: 3 },
        }),
        "later",
        "sibling",
      ],
      edges: ["broken -> later"],
      acts: { broken: act, sibling: after(50, gives(1)) },
    });
    const { status, errors } = await result;
    assert.equal(status, "failed");
    assert.deepEqual(Object.keys(errors), ["broken"]);
    assert.match(errors["broken"] ?? "", /^INTERNAL: Cannot run node "broken" as the engine broke/);
    assert.match(errors["broken"] ?? "", says);
    assert.deepEqual(brief(events), [
      "run.started",
      "node.started broken#1",
      "node.started sibling#1",
      "node.failed broken#1 INTERNAL",
      "node.cancelled sibling#1",
      "node.skipped later",
      "run.failed INTERNAL",
    ]);
    const failed = events.find((event) => event.kind === "node.failed");
    assert.equal(failed?.allowed, false);
    assert.equal(clock.pending, 0, "a timer is left");
  });
}

for (const kind of ["run.started", "node.started", "log", "node.succeeded", "run.succeeded"]) {
  for (const how of ["throws", "rejects"] as const) {
    Deno.test(`execute() rejects and cleans up when recording ${kind} ${how}`, async () => {
      const { clock, events, result } = play({
        nodes: ["a", "b"],
        acts: {
          a: (call) => {
            call.onLog({ level: "info", message: "hello" });
            return { status: "succeeded", output: 1 };
          },
          b: kind === "run.succeeded" ? gives(1) : after(50, gives(1)),
        },
        recorded: (event) => {
          if (event.kind !== kind) return undefined;
          if (how === "rejects") return Promise.reject(new Error("disk full"));
          throw new Error("disk full");
        },
      });
      await assert.rejects(result, /disk full/);
      const told = events.length;
      await clock.advance(1_000);
      assert.equal(events.length, told, "events after the fault");
      assert.equal(clock.pending, 0, "a timer is left");
    });
  }
}
