import assert from "node:assert/strict";
import { CodedError } from "../errors/mod.ts";
import type { NodeOutcome } from "../executor/mod.ts";
import { errorOf, isAlive, TestWorkflow } from "./_test_workflow.ts";

const MEBIBYTE = 1024 * 1024;

/** What a node does that must cost its host and nothing else. */
const STUCK: readonly { does: string; source: string }[] = [
  { does: "loops for ever", source: `export default () => { while (true); }` },
  {
    does: "loops for ever in a later step",
    source:
      `export default async () => { await new Promise((ok) => setTimeout(ok, 20)); while (true); }`,
  },
  {
    does: "runs a catastrophic regular expression",
    source: `export default () => /^(a+)+$/.test("a".repeat(40) + "b");`,
  },
  {
    does: "ignores its signal",
    source: `export default () => new Promise((resolve) => setTimeout(resolve, 60_000));`,
  },
  {
    does: "catches what ends it and goes on",
    source:
      `export default async () => { for (;;) { try { await new Promise((ok) => setTimeout(ok, 1)); } catch {} } }`,
  },
];

const SLEEPER = `export default (ctx) => new Promise((ok) => setTimeout(() => ok("slept"), 600));`;

for (const { does, source } of STUCK) {
  Deno.test(`a node that ${does} is killed after its signal, and its sibling is lost without blame`, async () => {
    await using workflow = await TestWorkflow.open({
      nodes: { stuck: { source }, sibling: { source: SLEEPER } },
      maxHosts: 1,
      isWarm: true,
    });
    const sibling = workflow.call("sibling");
    await sibling.begun;
    const controller = new AbortController();
    const stuck = workflow.call("stuck", {}, { signal: controller.signal });
    await stuck.begun;
    const pid = workflow.onlyHost();
    controller.abort(new CodedError("NODE_TIMEOUT", "its time is up"));
    assert.deepEqual(await stuck.outcome, { status: "cancelled" });
    assert.equal((await sibling.outcome).status, "lost");
    assert.equal(isAlive(pid), false, "the host's process is gone when the outcome is told");
    const again = await workflow.call("sibling", {}, { exclusive: true }).outcome;
    assert.deepEqual(again, { status: "succeeded", output: "slept" });
  });
}

Deno.test("a node that obeys its signal keeps its host alive", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      polite: {
        source: `export default (ctx) => new Promise((_, no) =>
          ctx.signal.addEventListener("abort", () => no(ctx.signal.reason)));`,
      },
    },
    maxHosts: 1,
  });
  const controller = new AbortController();
  const call = workflow.call("polite", {}, { signal: controller.signal });
  await call.begun;
  const pid = workflow.onlyHost();
  controller.abort();
  assert.deepEqual(await call.outcome, { status: "cancelled" });
  assert.equal(workflow.onlyHost(), pid);
});

/** What takes a host down, and the code that its node fails with. */
const FATAL: readonly { does: string; source: string; code: string; message?: RegExp }[] = [
  {
    does: "fills its heap",
    source:
      `export default () => { const all = []; for (;;) all.push({ text: "x".repeat(100) + all.length }); }`,
    code: "NODE_MEMORY",
    message: /128 ?Mi/,
  },
  {
    does: "fills memory with ArrayBuffers",
    source: `export default async () => { const all = []; for (;;) { all.push(new Uint8Array(${
      8 * MEBIBYTE
    }).fill(1)); await 0; } }`,
    code: "NODE_MEMORY",
  },
  {
    does: "fills memory with ArrayBuffers without a pause",
    source: `export default () => { const all = []; for (;;) all.push(new Uint8Array(${
      8 * MEBIBYTE
    }).fill(1)); }`,
    code: "NODE_MEMORY",
  },
  {
    does: "kills its own process",
    source: `export default () => Deno.kill(Deno.pid, "SIGKILL");`,
    code: "NODE_CRASHED",
    message: /SIGKILL/,
  },
  {
    does: "aborts its process",
    source: `import process from "node:process"; export default () => process.abort();`,
    code: "NODE_CRASHED",
  },
  {
    does: "throws in a timer",
    source:
      `export default async () => { setTimeout(() => { throw new Error("stray") }); await new Promise((ok) => setTimeout(ok, 50)); return 1; };`,
    code: "NODE_FAILED",
    message: /stray/,
  },
  {
    does: "writes to the channel of its host",
    source: `import net from "node:net";
      export default async () => {
        for (let fd = 3; fd < 30; fd++) {
          try { new net.Socket({ fd, writable: true }).write("garbage garbage garbage garbage\\n"); } catch {}
        }
        await new Promise((ok) => setTimeout(ok, 30_000));
      };`,
    code: "NODE_PROTOCOL",
  },
];

for (const { does, source, code, message } of FATAL) {
  Deno.test(`a node that ${does} fails with ${code}, and its sibling gets a new attempt`, async () => {
    await using workflow = await TestWorkflow.open({
      nodes: {
        fatal: { source, memoryBytes: 128 * MEBIBYTE },
        sibling: { source: SLEEPER, memoryBytes: 128 * MEBIBYTE },
      },
      maxHosts: 1,
    });
    // Together: nobody can know whose fault it was.
    const sibling = workflow.call("sibling");
    await sibling.begun;
    const together = workflow.call("fatal");
    assert.equal((await together.outcome).status, "lost");
    assert.equal((await sibling.outcome).status, "lost");
    // Each alone: now it is known.
    const [alone, again] = await Promise.all([
      workflow.call("fatal", {}, { exclusive: true }).outcome,
      workflow.call("sibling", {}, { exclusive: true }).outcome,
    ]);
    assert.equal(errorOf(alone).code, code, JSON.stringify(alone));
    if (message !== undefined) assert.match(errorOf(alone).message, message);
    assert.deepEqual(again, { status: "succeeded", output: "slept" });
  });
}

/** What is the node's own failure, or none at all, and leaves its host running. */
const HARMLESS: readonly { does: string; source: string; want: NodeOutcome | string }[] = [
  { does: "calls Deno.exit(3)", source: `export default () => Deno.exit(3);`, want: "NODE_EXIT" },
  {
    does: "calls process.exit()",
    source: `import process from "node:process"; export default () => process.exit();`,
    want: "NODE_EXIT",
  },
  {
    does: "catches its own exit",
    source: `export default () => { try { Deno.exit(1) } catch {} return 1; };`,
    want: "NODE_EXIT",
  },
  {
    does: "leaves a rejection unhandled",
    source:
      `export default async () => { Promise.reject(new Error("stray")); await new Promise((ok) => setTimeout(ok, 50)); return 1; };`,
    want: "NODE_FAILED",
  },
  {
    does: "throws nothing",
    source: `export default () => { throw undefined; };`,
    want: "NODE_FAILED",
  },
  {
    does: "throws an endless object",
    source: `export default () => { const o = {}; o.o = o; throw o; };`,
    want: "NODE_FAILED",
  },
  {
    does: "returns undefined",
    source: `export default () => {};`,
    want: { status: "succeeded", output: null },
  },
  {
    does: "returns a BigInt",
    source: `export default () => ({ n: 10n });`,
    want: "NODE_OUTPUT_INVALID",
  },
  {
    does: "returns a function",
    source: `export default () => () => 1;`,
    want: "NODE_OUTPUT_INVALID",
  },
  {
    does: "returns a cycle",
    source: `export default () => { const o = {}; o.o = o; return o; };`,
    want: "NODE_OUTPUT_INVALID",
  },
  {
    does: "returns 100 MB",
    source: `export default () => "x".repeat(100_000_000);`,
    want: "NODE_OUTPUT_TOO_LARGE",
  },
  {
    does: "returns a getter that throws",
    source: `export default () => ({ get x() { throw new Error("no"); } });`,
    want: "NODE_OUTPUT_INVALID",
  },
  {
    does: "writes raw bytes to stdout and stderr",
    source:
      `export default async () => { await Deno.stdout.write(new Uint8Array([0, 1, 2, 255, 254, 10])); Deno.stderr.writeSync(new TextEncoder().encode("raw\\n")); return "fine"; };`,
    want: { status: "succeeded", output: "fine" },
  },
];

for (const { does, source, want } of HARMLESS) {
  const end = typeof want === "string" ? `fails with ${want}` : "succeeds";
  Deno.test(`a node that ${does} ${end}, and its host lives on`, async () => {
    await using workflow = await TestWorkflow.open({
      nodes: { it: { source }, sibling: { source: SLEEPER } },
      maxHosts: 1,
    });
    const sibling = workflow.call("sibling");
    await sibling.begun;
    const outcome = await workflow.call("it").outcome;
    if (typeof want === "string") {
      assert.equal(errorOf(outcome).code, want, JSON.stringify(outcome));
    } else assert.deepEqual(outcome, want);
    assert.deepEqual(await sibling.outcome, { status: "succeeded", output: "slept" });
  });
}

Deno.test("console output and raw bytes become log lines of their node", async () => {
  const heard = Promise.withResolvers<void>();
  await using workflow = await TestWorkflow.open({
    nodes: {
      it: {
        source: `export default async (ctx) => {
          console.log("hello %s", "there", { a: 1 });
          console.error("bad");
          ctx.log.warn("careful", { n: 1 });
          await Deno.stdout.write(new TextEncoder().encode("in two "));
          await Deno.stdout.write(new TextEncoder().encode("halves\\n"));
          await new Promise((_, no) => ctx.signal.addEventListener("abort", no));
        };`,
      },
    },
  });
  const controller = new AbortController();
  const call = workflow.call("it", {}, {
    signal: controller.signal,
    onLog: (line) => line.message === "in two halves" && heard.resolve(),
  });
  await heard.promise;
  controller.abort();
  await call.outcome;
  // Bytes and console take different roads, so that only the order within each is certain.
  assert.deepEqual(call.logs.filter((line) => line.message !== "in two halves"), [
    { level: "info", message: "hello there { a: 1 }" },
    { level: "error", message: "bad" },
    { level: "warn", message: "careful", fields: { n: 1 } },
  ]);
});
