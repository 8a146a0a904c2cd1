import assert from "node:assert/strict";
import { askOf } from "./ask_engine.ts";
import { testContext } from "./_test_context.ts";
import { deepFreeze } from "./deep_freeze.ts";
import type { Context } from "./context.ts";

Deno.test("no member of ctx can be replaced, added or removed", () => {
  const { ctx } = testContext();
  for (const member of Object.keys(ctx)) {
    assert.throws(() => Object.assign(ctx, { [member]: null }), TypeError, member);
    assert.throws(() => delete (ctx as Partial<Context>)[member as keyof Context], TypeError);
  }
  assert.throws(() => Object.assign(ctx, { extra: 1 }), TypeError);
  assert.throws(() => Object.assign(ctx.log, { info: null }), TypeError);
  assert.throws(() => Object.assign(ctx.run, { node: "other" }), TypeError);
  assert.throws(() => Object.assign(ctx.process, { run: null }), TypeError);
  assert.throws(() => Object.assign(ctx.container, { run: null }), TypeError);
});

Deno.test("config and secrets that the caller froze stay as they are at any depth", () => {
  const { ctx } = testContext({
    config: deepFreeze({ limits: { items: [1, 2] } }),
    secrets: deepFreeze({ github: { token: "t0ken" } }),
  });
  const { limits } = ctx.config as { limits: { items: number[] } };
  assert.throws(() => limits.items.push(3), TypeError);
  assert.throws(() => Object.assign(ctx.secrets["github"] ?? {}, { token: "" }), TypeError);
});

Deno.test("members work when they are taken off ctx", async () => {
  const { ctx, lines } = testContext({
    transport: () => Promise.resolve(new Response("pong")),
  });
  const { fetch, log: { info } } = ctx;
  info("ready");
  assert.equal(await (await fetch("echo", "/ping")).text(), "pong");
  assert.deepEqual(lines, [{ level: "info", message: "ready" }]);
});

Deno.test("ctx.process.run rejects with NOT_AVAILABLE where no engine is behind it", async () => {
  const { ctx } = testContext();
  const error = { code: "NOT_AVAILABLE", fix: /pd run/ };
  await assert.rejects(ctx.process.run({ command: "ls" }), error);
  await assert.rejects(askOf(ctx)("runtime.run", {}), error);
});

Deno.test("askOf() is the way of that very context", async () => {
  const { ctx } = testContext({ ask: (method, params) => Promise.resolve([method, params]) });
  assert.deepEqual(await askOf(ctx)("runtime.run", { a: 1 }), ["runtime.run", { a: 1 }]);
  await assert.rejects(askOf({ ...ctx })("runtime.run", {}), { code: "NOT_AVAILABLE" });
});

Deno.test("deepFreeze() bears cycles and 100 000 levels", () => {
  type Level = { child?: Level };
  const top: Level = {};
  let level = top;
  for (let i = 0; i < 100_000; i++) level = level.child = {};
  level.child = top;
  assert.ok(Object.isFrozen(deepFreeze(top)) && Object.isFrozen(level));
});
