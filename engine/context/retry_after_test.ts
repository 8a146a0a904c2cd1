import assert from "node:assert/strict";
import { testContext } from "./_test_context.ts";
import { lastRetryAfterMs, retryAfterMs } from "./retry_after.ts";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 0);

const VALUES: readonly [value: string, want: number | undefined][] = [
  ["0", 0],
  ["120", 120_000],
  [" 7 ", 7_000],
  ["0.5", 500],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 37_000],
  ["Sunday, 06-Nov-94 08:49:37 GMT", 37_000],
  ["Sun Nov  6 08:49:37 1994", 37_000],
  ["Sun, 06 Nov 1994 08:48:00 GMT", 0],
  ["-1", undefined],
  ["soon", undefined],
  ["1e3", undefined],
  ["1994", 1_994_000],
  ["Sun, 99 Nov 1994", undefined],
  ["", undefined],
];

for (const [value, want] of VALUES) {
  Deno.test(`Retry-After "${value}" asks for ${want} ms`, () => {
    const response = new Response(null, { headers: { "retry-after": value } });
    assert.equal(retryAfterMs(response, NOW), want);
  });
}

Deno.test("a response without Retry-After asks for nothing", () => {
  assert.equal(retryAfterMs(new Response(), NOW), undefined);
});

Deno.test("the wait of the last 429 or 503 is remembered for the attempt", async () => {
  for (const status of [429, 503]) {
    const { ctx } = testContext({ transport: answers([status]) });
    assert.equal(lastRetryAfterMs(ctx), undefined);
    const before = Date.now();
    await ctx.fetch("hn", "/");
    assert.ok((lastRetryAfterMs(ctx, before) ?? 0) >= 30_000);
    assert.equal(lastRetryAfterMs(ctx, Date.now() + 60_000), 0);
  }
});

Deno.test("another status asks for no wait, and a later answer of the service ends one", async () => {
  const { ctx } = testContext({ transport: answers([500, 429, 200]) });
  await ctx.fetch("hn", "/");
  assert.equal(lastRetryAfterMs(ctx), undefined);
  await ctx.fetch("hn", "/");
  assert.notEqual(lastRetryAfterMs(ctx), undefined);
  await ctx.fetch("hn", "/");
  assert.equal(lastRetryAfterMs(ctx), undefined);
});

Deno.test("the answer of another service leaves a wait alone", async () => {
  const { ctx } = testContext({ transport: answers([429, 200]) });
  await ctx.fetch("hn", "/");
  await ctx.fetch("github", "/");
  assert.notEqual(lastRetryAfterMs(ctx), undefined);
});

/** Answers with one status after another, each asking for 30 seconds. */
function answers(statuses: number[]): () => Promise<Response> {
  return () => {
    const status = statuses.shift() ?? 200;
    return Promise.resolve(new Response(null, { status, headers: { "retry-after": "30" } }));
  };
}
