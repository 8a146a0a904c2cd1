import assert from "node:assert/strict";
import { CodedError } from "../errors/mod.ts";
import type { NodeOutcome } from "../executor/mod.ts";
import { type TestCall, TestWorkflow } from "./_test_workflow.ts";

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
    const pid = onlyHost(workflow);
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
  const pid = onlyHost(workflow);
  controller.abort();
  assert.deepEqual(await call.outcome, { status: "cancelled" });
  assert.equal(onlyHost(workflow), pid);
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

Deno.test("a call goes to a free host first, so a blocked host delays no other call", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      block: { source: `export default () => { while (true); }` },
      quick: { source: `export default () => "quick";` },
    },
    maxHosts: 2,
  });
  const controller = new AbortController();
  const block = workflow.call("block", {}, { signal: controller.signal });
  await block.begun;
  assert.equal(await workflow.output("quick"), "quick");
  controller.abort();
  await block.outcome;
});

Deno.test("a call that has not begun when its host is killed runs elsewhere and was never lost", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      block: { source: `export default () => { while (true); }` },
      quick: { source: `export default () => "quick";` },
    },
    maxHosts: 1,
  });
  const controller = new AbortController();
  const block = workflow.call("block", {}, { signal: controller.signal });
  await block.begun;
  const waiting: TestCall[] = Array.from({ length: 5 }, () => workflow.call("quick"));
  controller.abort();
  await block.outcome;
  for (const call of waiting) {
    assert.deepEqual(await call.outcome, { status: "succeeded", output: "quick" });
  }
});

Deno.test("a call is cancelled at once while it waits, and within its grace while its host is blocked", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      block: { source: `export default () => { while (true); }` },
      quick: { source: `export default () => "quick";` },
    },
    maxHosts: 1,
    isWarm: true,
  });
  const stop = new AbortController();
  const block = workflow.call("block", {}, { signal: stop.signal });
  await block.begun;
  const controller = new AbortController();
  const sent = workflow.call("quick", {}, { signal: controller.signal });
  const queued = workflow.call("quick", {}, { signal: controller.signal });
  controller.abort();
  assert.deepEqual(await queued.outcome, { status: "cancelled" });
  assert.deepEqual(await sent.outcome, { status: "cancelled" });
  assert.equal(
    workflow.runner.stats().hosts,
    1,
    "the blocked host was not killed for a call that never began",
  );
  stop.abort();
  await block.outcome;
});

Deno.test("1 000 calls at once share two hosts and all answer", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: { echo: { source: `export default async (ctx, input) => { await 0; return input; };` } },
    maxHosts: 2,
  });
  const calls = Array.from({ length: 1_000 }, (_, n) => workflow.output("echo", { n }));
  assert.deepEqual(await Promise.all(calls), Array.from({ length: 1_000 }, (_, n) => ({ n })));
  assert.ok(workflow.runner.stats().hosts <= 2);
});

Deno.test("after an edit no further host joins those that run the old code", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      old: {
        source: `import { word } from "./word.ts";
          export default (ctx, input) => new Promise((ok) => setTimeout(() => ok(word), input.ms));`,
      },
    },
    files: { "nodes/word.ts": `export const word = "old";` },
    maxHosts: 2,
    isWarm: true,
  });
  await Deno.writeTextFile(`${workflow.dir}/nodes/word.ts`, `export const word = "new";`);
  const calls = Array.from({ length: 50 }, () => workflow.output("old", { ms: 100 }));
  assert.deepEqual(new Set(await Promise.all(calls)), new Set(["old"]));
  assert.equal(workflow.runner.stats().hosts, 1);
});

Deno.test("a node gets its input, configuration and run", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      it: {
        source:
          `export default (ctx, input) => ({ input, config: ctx.config, run: ctx.run, frozen: Object.isFrozen(ctx.config) });`,
        config: { own: [1, 2] },
      },
    },
  });
  assert.deepEqual(
    await workflow.output("it", { text: "é😀\u2028", deep: { a: [null, true, 1.5] } }),
    {
      input: { text: "é😀\u2028", deep: { a: [null, true, 1.5] } },
      config: { shared: "yes", own: [1, 2] },
      run: {
        id: "run-1",
        workflow: "test",
        version: "1.0",
        node: "it",
        attempt: 1,
        trigger: { type: "manual" },
      },
      frozen: true,
    },
  );
});

Deno.test("a node that throws tells its place in the workflow folder, and whether to try again", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      plain: { source: `export default () => {\n  throw new TypeError("broken");\n};` },
      terminal: {
        source:
          `import { TerminalError } from "pipedreamer";\nexport default () => { throw new TerminalError("enough"); };`,
      },
      later: {
        source:
          `import { RetryableError } from "pipedreamer";\nexport default () => { throw new RetryableError("later", { after: "1m30s" }); };`,
      },
    },
  });
  const plain = await workflow.call("plain").outcome;
  assert.equal(errorOf(plain).message, "TypeError: broken");
  assert.match(errorOf(plain).stack ?? "", /\.\/nodes\/plain\.ts:2:9/);
  const terminal = await workflow.call("terminal").outcome;
  assert.deepEqual(terminal.status === "failed" && terminal.retry, { kind: "never" });
  assert.equal(errorOf(terminal).code, "NODE_TERMINAL");
  const later = await workflow.call("later").outcome;
  assert.deepEqual(later.status === "failed" && later.retry, { kind: "after", delayMs: 90_000 });
});

const BROKEN: readonly { what: string; source: string; message: RegExp }[] = [
  {
    what: "no default export",
    source: `export const run = 1;`,
    message: /default export must be a function: it has none/,
  },
  {
    what: "a default export that is no function",
    source: `export default { run() {} };`,
    message: /it is object/,
  },
  { what: "a syntax error", source: `export default function ( {`, message: /nodes\/it\.ts:1:/ },
  {
    what: "an error at its top level",
    source: `throw new Error("at load");\nexport default () => 1;`,
    message: /at load/,
  },
  {
    what: "an import that does not exist",
    source: `import "./missing.ts";\nexport default () => 1;`,
    message: /missing\.ts/,
  },
];

for (const { what, source, message } of BROKEN) {
  Deno.test(`a module with ${what} is NODE_INVALID at load and when called, and names the file`, async () => {
    await using workflow = await TestWorkflow.open({
      nodes: { it: { source }, fine: { source: `export default () => 1;` } },
    });
    await assert.rejects(workflow.runner.ready(), (error: CodedError) => {
      assert.equal(error.code, "NODE_INVALID");
      assert.match(error.message, message);
      assert.match(error.message, /it\.ts|"it"/);
      return true;
    });
    assert.equal((await workflow.failure("it")).code, "NODE_INVALID");
    assert.equal(await workflow.output("fine"), 1);
  });
}

Deno.test("a module with a package of npm is loaded from the cache, which is filled first", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      inline: {
        source: `import pc from "npm:picocolors@1.1.1"; export default () => typeof pc.red;`,
        permissions: {},
      },
      mapped: {
        source: `import pc from "colours"; export default () => typeof pc.red;`,
        permissions: {},
      },
      local: { source: `import { x } from "lib/x.ts"; export default () => x;`, permissions: {} },
    },
    files: {
      "deno.jsonc":
        `{ // comments are fine\n "imports": { "colours": "npm:picocolors@1.1.1", "lib/": "./lib/", }, }`,
      "lib/x.ts": `export const x: number = 7;`,
    },
  });
  assert.equal(await workflow.output("inline"), "function");
  assert.equal(await workflow.output("mapped"), "function");
  assert.equal(await workflow.output("local"), 7);
});

Deno.test("disposing kills hosts that are busy, and leaves no process", async () => {
  const workflow = await TestWorkflow.open({
    nodes: { block: { source: `export default () => { while (true); }` } },
  });
  const block = workflow.call("block");
  await block.begun;
  const pid = onlyHost(workflow);
  await workflow[Symbol.asyncDispose]();
  assert.equal((await block.outcome).status === "succeeded", false);
  assert.equal(isAlive(pid), false);
});

function errorOf(outcome: NodeOutcome): { code: string; message: string; stack?: string } {
  assert.equal(outcome.status, "failed", JSON.stringify(outcome));
  return outcome.status === "failed" ? outcome.error : { code: "", message: "" };
}

function onlyHost(workflow: TestWorkflow): number {
  const { pids } = workflow.runner.stats();
  assert.equal(pids.length, 1);
  return pids[0] ?? 0;
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
