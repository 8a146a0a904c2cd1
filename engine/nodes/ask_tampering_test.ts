import assert from "node:assert/strict";
import type { JsonValue } from "../json/mod.ts";
import { type FakeAsk, FakeContainers, untilEnded } from "./_fake_containers.ts";
import { type TestNode, TestWorkflow } from "./_test_workflow.ts";
import { MAX_ASKS } from "./call_asks.ts";

/** From here on what the host writes as `ASK` (20) or `UNASK` (21) has the call's number `id`. */
const FORGE = `
  function forge(id) {
    const { setUint8, setUint32 } = DataView.prototype;
    let kind = 0;
    DataView.prototype.setUint8 = function (at, value) { kind = value; setUint8.call(this, at, value); };
    DataView.prototype.setUint32 = function (at, value, little) {
      const isForged = kind === 20 || kind === 21;
      kind = 0;
      setUint32.call(this, at, isForged ? id : value, little);
    };
  }`;
const ASK = `ctx.process.run({ command: "x" })`;
const DONE = { exitCode: 0, stdout: "", stderr: "" };

Deno.test("a host cannot ask as a call of another host, whatever number it writes", async () => {
  const { containers, workflow } = await open({
    victim: `await ${ASK}`,
    // Numbers are given out one after the other: the victim's is among these.
    forger: `forge(input.id); return await ${ASK}.then(() => "answered", (error) => error.code)`,
  });
  await using _ = workflow;
  const asked = Promise.withResolvers<FakeAsk>();
  containers.answer = (ask) => {
    asked.resolve(ask);
    return untilEnded(ask);
  };
  const stop = new AbortController();
  const victim = workflow.call("victim", {}, { signal: stop.signal });
  const { signal } = await asked.promise;
  for (const id of [0, 1, 2 ** 32 - 1]) {
    assert.equal(await workflow.output("forger", { id }), "ASK_REFUSED", String(id));
  }
  assert.deepEqual(containers.asks.map(({ call }) => call.node.id), ["victim"]);
  assert.equal(signal.aborted, false);
  stop.abort();
  await victim.outcome;
});

Deno.test("a host cannot ask as a call that is over", async () => {
  const { containers, workflow } = await open({
    it: `
      if (globalThis.before === undefined) {
        globalThis.before = ctx;
        return "first";
      }
      const said = [await globalThis.before.process.run({ command: "x" }).catch((e) => e.code)];
      forge(1);
      said.push(await ${ASK}.catch((e) => e.code));
      return said;`,
  }, { maxHosts: 1 });
  await using _ = workflow;
  assert.equal(await workflow.output("it"), "first");
  assert.deepEqual(await workflow.output("it"), ["ASK_REFUSED", "ASK_REFUSED"]);
  assert.deepEqual(containers.asks, []);
});

Deno.test("a host cannot end what a call of another host asked for", async () => {
  const { containers, workflow } = await open({
    victim: `await ${ASK}; return "whole"`,
    forger: `
      const { stringify } = JSON;
      forge(1);
      // As UNASK: its payload is the request alone.
      JSON.stringify = (value) => stringify(value?.method === undefined ? value : { request: 1 });
      const { setUint8 } = DataView.prototype;
      DataView.prototype.setUint8 = function (at, value) { setUint8.call(this, at, value === 20 ? 21 : value); };
      ${ASK}.catch(() => {});
      JSON.stringify = stringify;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return "tried"`,
  });
  await using _ = workflow;
  const asked = Promise.withResolvers<FakeAsk>();
  const answered = Promise.withResolvers<JsonValue>();
  containers.answer = (ask) => {
    asked.resolve(ask);
    return answered.promise;
  };
  const victim = workflow.call("victim");
  const { signal } = await asked.promise;
  assert.equal(await workflow.output("forger"), "tried");
  assert.equal(signal.aborted, false);
  answered.resolve(DONE);
  assert.deepEqual(await victim.outcome, { status: "succeeded", output: "whole" });
});

Deno.test("every question comes with the call that asks, so that one call's sandbox is not another's", async () => {
  const ask = `return await ${ASK}.then(({ stdout }) => stdout)`;
  const { containers, workflow } = await open({ a: ask, b: ask }, { secrets: { b: ["x"] } });
  await using _ = workflow;
  containers.answer = ({ call }) => ({ ...DONE, stdout: call.node.id });
  assert.deepEqual(await Promise.all([workflow.output("a"), workflow.output("b")]), ["a", "b"]);
});

const PAYLOADS: readonly (readonly [string, string])[] = [
  ["no object", "null"],
  ["no request", `{"method":"process.run","params":{}}`],
  ["a request that is text", `{"request":"1","method":"process.run","params":{}}`],
  ["a request below 1", `{"request":0,"method":"process.run","params":{}}`],
  ["a method that is none", `{"request":1,"method":"constructor","params":{}}`],
  ["a long method", `{"request":1,"method":"${"x".repeat(40)}.run","params":{}}`],
  ["no params", `{"request":1,"method":"process.run"}`],
  ["a request that is open already", `{"request":99,"method":"process.run","params":{}}`],
];

for (const [what, payload] of PAYLOADS) {
  Deno.test(`a host that asks with ${what} is ended`, async () => {
    const { containers, workflow } = await open({
      it: `
        JSON.stringify = () => ${JSON.stringify(payload)};
        ${ASK}.catch(() => {});
        ${ASK}.catch(() => {});
        await new Promise(() => {});`,
    });
    await using _ = workflow;
    containers.answer = untilEnded;
    assert.equal((await workflow.failure("it")).code, "NODE_PROTOCOL");
    assert.ok(containers.asks.every(({ signal }) => signal.aborted));
  });
}

Deno.test("a call has so many questions at a time, and no more", async () => {
  const { containers, workflow } = await open({
    it: `
      const tries = Array.from({ length: ${
      MAX_ASKS + 5
    } }, () => ${ASK}.then(() => 0, (error) => error.code));
      const codes = await Promise.all(tries);
      return codes.filter((code) => code === "ASK_REFUSED").length;`,
  });
  await using _ = workflow;
  const isFull = Promise.withResolvers<void>();
  containers.answer = async () => {
    if (containers.asks.length === MAX_ASKS) setTimeout(isFull.resolve, 0);
    await isFull.promise;
    return DONE;
  };
  assert.equal(await workflow.output("it"), 5);
  assert.equal(containers.asks.length, MAX_ASKS);
});

const TRIES: readonly (readonly [string, string, Partial<TestNode>, string])[] = [
  ["without permissions", "process.run", {}, "answered"],
  ["with permissions", "process.run", { permissions: {} }, "PERMISSION_DENIED"],
  ["with an image", "process.run", { permissions: {}, container: "alpine" }, "answered"],
  ["of a workflow", "runtime.run", { container: "alpine" }, "PERMISSION_DENIED"],
  ["of a workflow", "sandbox.exec", {}, "PERMISSION_DENIED"],
  ["of a workflow", "sandbox.close", {}, "PERMISSION_DENIED"],
  ["of a pipeline", "runtime.run", {
    permissions: { net: [], secrets: [] },
    config: { pipeline_id: "p" },
  }, "answered"],
];

for (const [which, method, node, want] of TRIES) {
  Deno.test(`a node ${which} that asks for ${method}, by whatever road: ${want}`, async () => {
    const containers = new FakeContainers();
    containers.answer = () => DONE;
    const source = `export default async (ctx) => {
      const { stringify } = JSON;
      JSON.stringify = (value) =>
        stringify(value?.method === undefined ? value : { ...value, method: "${method}" });
      const asked = ${ASK};
      JSON.stringify = stringify;
      return await asked.then(() => "answered", (error) => error.code);
    }`;
    await using workflow = await TestWorkflow.open({
      nodes: { it: { source, ...node } },
      containers: containers.open,
    });
    assert.equal(await workflow.output("it"), want);
    assert.equal(containers.asks.length, want === "answered" ? 1 : 0);
  });
}

async function open(
  nodes: { readonly [id: string]: string },
  { maxHosts = 2, secrets = {} }: {
    readonly maxHosts?: number;
    readonly secrets?: { readonly [id: string]: readonly string[] };
  } = {},
): Promise<{ readonly containers: FakeContainers; readonly workflow: TestWorkflow }> {
  const containers = new FakeContainers();
  const workflow = await TestWorkflow.open({
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, text]) => [id, {
        source: `${FORGE}\nexport default async function run(ctx, input) { ${text} }\n`,
        ...secrets[id] === undefined ? {} : {
          container: "alpine",
          permissions: { secrets: secrets[id] },
        },
      }]),
    ),
    containers: containers.open,
    maxHosts,
    isWarm: true,
  });
  return { containers, workflow };
}
