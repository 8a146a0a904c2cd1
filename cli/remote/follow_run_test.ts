import assert from "node:assert/strict";
import { FakeClock } from "../../engine/clock/mod.ts";
import { ApiClient } from "./api_client.ts";
import { followRun } from "./follow_run.ts";

type Answer = (last: string) => Response | Error;

function stream(...events: readonly { readonly seq: number; readonly kind: string }[]): Response {
  return new Response(
    events.map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`).join(""),
  );
}

function refusal(status: number, code: string): Response {
  return Response.json({ error: { code, message: `Cannot: ${code}`, fix: null } }, { status });
}

/** Follows a run of a server that gives one answer after another. */
async function follow(...answers: readonly Answer[]) {
  const clock = new FakeClock();
  const seen: number[] = [];
  const asked: string[] = [];
  let at = 0;
  const client = new ApiClient({
    server: "http://127.0.0.1:9009",
    token: "t",
    fetch: (_, init) => {
      const last = new Headers(init?.headers).get("last-event-id") ?? "";
      asked.push(last);
      const answer = (answers[at++] ?? answers.at(-1))?.(last) ?? new Error("no answer");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  let outcome: Error | "over" | undefined;
  void followRun(client, "r1", {
    clock,
    signal: new AbortController().signal,
    onEvent: ({ seq }) => void seen.push(seq),
  }).then(() => outcome = "over", (error) => outcome = error);
  for (let step = 0; step < 100 && outcome === undefined; step++) await clock.advance(5_000);
  return { seen, asked, outcome, tookMs: clock.now() };
}

Deno.test("a run is followed to its end", async () => {
  const { seen, outcome } = await follow(() =>
    stream({ seq: 1, kind: "run.started" }, { seq: 2, kind: "run.failed" })
  );
  assert.deepEqual([seen, outcome], [[1, 2], "over"]);
});

Deno.test("after a break it goes on behind the last event, over a restart of the server", async () => {
  const { seen, asked, outcome } = await follow(
    () => stream({ seq: 1, kind: "run.started" }, { seq: 2, kind: "log" }),
    () => new TypeError("connection refused"),
    () => refusal(503, "DRAINING"),
    () => new Response("Bad Gateway", { status: 502 }),
    () => stream({ seq: 3, kind: "run.succeeded" }),
  );
  assert.deepEqual([seen, outcome], [[1, 2, 3], "over"]);
  assert.deepEqual(asked, ["0", "2", "2", "2", "2"]);
});

Deno.test("a stream that broke behind the last event has no more", async () => {
  const { outcome } = await follow(
    () => stream({ seq: 1, kind: "run.started" }),
    () => new Response(null, { status: 204 }),
  );
  assert.equal(outcome, "over");
});

Deno.test("a refusal that will not pass is told at once", async () => {
  const { outcome, tookMs } = await follow(() => refusal(401, "TOKEN_INVALID"));
  assert.equal((outcome as { code?: string }).code, "TOKEN_INVALID");
  assert.ok(tookMs <= 5_000);
});

Deno.test("a server that does not come back is given up after two minutes", async () => {
  const { outcome, tookMs } = await follow(() => new TypeError("connection refused"));
  assert.equal((outcome as { code?: string }).code, "WORKFLOW_UNREACHABLE");
  assert.ok(tookMs >= 120_000 && tookMs <= 140_000, `${tookMs}`);
});
