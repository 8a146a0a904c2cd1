import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import { type TestApp, untilStopped, withApp } from "./_test_server.ts";
import { HEARTBEAT_MS } from "./event_stream.ts";

/** Starts a run and gives its id. */
async function start({ post }: TestApp, input: unknown = {}): Promise<string> {
  return (await (await post("/run?wait=false", input)).json()).runId;
}

/** Starts a run and gives its id once the start of its first node is stored. */
async function begin(app: TestApp): Promise<string> {
  const id = await start(app);
  await (await app.workflow.run(id))?.changed(1);
  return id;
}

/** The ids in a text of server-sent events. */
function idsIn(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
}

Deno.test("GET /runs lists newest first, pages by cursor and filters by status", () =>
  withApp({
    nodes: {
      node({ input }) {
        if ((input as { fail?: boolean }).fail) throw new Error("as asked");
      },
    },
  }, async (app) => {
    const ids: string[] = [];
    for (const fail of [false, true, false]) {
      const id = await start(app, { fail });
      await (await app.workflow.run(id))?.result;
      ids.unshift(id);
    }
    const first = await app.json("/runs?limit=2");
    assert.deepEqual(
      (first["runs"] as { runId: string }[]).map((run) => run.runId),
      ids.slice(0, 2),
    );
    assert.equal(first["next"], ids[1]);
    const second = await app.json(`/runs?limit=2&before=${first["next"]}`);
    assert.deepEqual((second["runs"] as { runId: string }[]).map((run) => run.runId), ids.slice(2));
    assert.equal(second["next"], null);
    const failed = await app.json("/runs?status=failed,cancelled");
    const [only] = failed["runs"] as Record<string, unknown>[];
    assert.equal(only?.["runId"], ids[1]);
    assert.match(String(only?.["error"]), /^NODE_FAILED: /);
    assert.deepEqual(only?.["trigger"], { type: "http" });
  }));

Deno.test("GET /runs?since=…&until=… lists runs accepted in that time", async () => {
  const clock = new FakeClock(Date.UTC(2027, 0, 31, 8));
  await withApp({ clock }, async (app) => {
    const ids: string[] = [];
    for (let hour = 8; hour <= 11; hour++) {
      const id = await start(app);
      await (await app.workflow.run(id))?.result;
      ids.push(id);
      await clock.advance(3_600_000);
    }
    const [eight = "", nine = "", ten = "", eleven = ""] = ids;
    const cases: readonly [string, readonly string[]][] = [
      ["since=2027-01-31T09:00:00Z&until=2027-01-31T10:00:00.000Z", [ten, nine]],
      [`since=${Date.UTC(2027, 0, 31, 10)}`, [eleven, ten]],
      ["until=2027-01-31T09:00", [nine, eight]],
      ["until=2027-01-31T10:00+01:00", [nine, eight]],
      ["until=2027-01-31T03:00-0500", [eight]],
      ["since=2027-01-31&limit=1", [eleven]],
      [`since=2027-01-31&limit=1&before=${eleven}`, [ten]],
      ["since=2027-02-01", []],
    ];
    for (const [query, want] of cases) {
      const { runs } = await app.json(`/runs?${query}`);
      assert.deepEqual((runs as { runId: string }[]).map(({ runId }) => runId), want, query);
    }
  });
});

Deno.test("GET /runs refuses a query that it does not understand", () =>
  withApp({}, async ({ send }) => {
    const cases: readonly [string, number][] = [
      ["?limit=0", 400],
      ["?limit=x", 400],
      ["?limit=100000", 400],
      ["?status=done", 400],
      ["?since=yesterday", 400],
      ["?until=2027-13-01", 400],
      ["?since=", 400],
      ["?before=nothing", 404],
    ];
    for (const [query, status] of cases) {
      const response = await send(`/runs${query}`);
      assert.equal(response.status, status, query);
      const { error } = await response.json();
      assert.ok(error.code && error.message && error.fix, query);
    }
  }));

Deno.test("GET /runs/{id} shows the result and where each node stands", () =>
  withApp({
    // Times come from events, which the machine's clock would set a millisecond apart.
    clock: new FakeClock(1000),
    nodes: {
      first: () => ({ n: 1 }),
      second() {
        throw new Error("no");
      },
      third: () => 3,
    },
  }, async (app) => {
    const id = await start(app, { topic: "deno" });
    const result = await (await app.workflow.run(id))?.result;
    const view = await app.json(`/runs/${id}`);
    for (const key of ["success", "status", "runId", "outputs", "errors", "timing"] as const) {
      assert.deepEqual(view[key], JSON.parse(JSON.stringify(result))[key], key);
    }
    assert.deepEqual(view["input"], { topic: "deno" });
    assert.equal(view["workflow"], "test-flow");
    const nodes = view["nodes"] as Record<string, { status: string; attempts: number }>;
    assert.deepEqual(
      Object.entries(nodes).map(([id, { status, attempts }]) => [id, status, attempts]),
      [["first", "succeeded", 1], ["second", "failed", 1], ["third", "skipped", 0]],
    );
  }));

Deno.test("GET /runs/{id} shows what there is of a run that goes on", () =>
  withApp({ nodes: { first: () => 1, slow: untilStopped } }, async (app) => {
    const id = await start(app);
    const run = await app.workflow.run(id);
    assert.ok(run !== undefined);
    for await (const event of run.events()) {
      if (event.kind === "node.started" && event.node === "slow") break;
    }
    const view = await app.json(`/runs/${id}`);
    assert.equal(view["status"], "running");
    assert.deepEqual(view["outputs"], { first: 1 });
    assert.equal((view["timing"] as { completedAt: unknown }).completedAt, null);
    const nodes = view["nodes"] as Record<string, { status: string }>;
    assert.equal(nodes["slow"]?.status, "running");
  }));

Deno.test("an unknown run is a 404 on every path", () =>
  withApp({}, async ({ send }) => {
    const paths: readonly [string, string][] = [
      ["GET", "/runs/none"],
      ["GET", "/runs/none/events"],
      ["POST", "/runs/none/cancel"],
    ];
    for (const [method, path] of paths) {
      const response = await send(path, { method });
      assert.equal(response.status, 404, path);
      assert.equal((await response.json()).error.code, "RUN_NOT_FOUND");
    }
  }));

Deno.test("POST /runs/{id}/cancel ends a run, and leaves one that is over as it is", () =>
  withApp({ nodes: { slow: untilStopped } }, async (app) => {
    const id = await start(app);
    for (let i = 0; i < 2; i++) {
      const response = await app.post(`/runs/${id}/cancel`);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { runId: id, status: "cancelled" });
    }
  }));

Deno.test("GET /runs/{id}/events streams every event with its id and ends with the run", () =>
  withApp(
    { nodes: { node: ({ onLog }) => onLog({ level: "info", message: "a\nb" }) } },
    async (app) => {
      const response = await app.send(`/runs/${await start(app)}/events`);
      assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
      const text = await response.text();
      assert.ok(text.startsWith("retry: 1000\n\n"));
      assert.deepEqual(idsIn(text), [1, 2, 3, 4, 5]);
      const events = [...text.matchAll(/^data: (.*)$/gm)].map((match) =>
        JSON.parse(match[1] ?? "")
      );
      assert.deepEqual(events.map((event) => event.kind), [
        "run.started",
        "node.started",
        "log",
        "node.succeeded",
        "run.succeeded",
      ]);
      assert.equal(events[2].message, "a\nb");
    },
  ));

Deno.test("GET /runs/{id}/events continues after Last-Event-ID without gap or repeat", () => {
  const gate = Promise.withResolvers<void>();
  return withApp({ nodes: { first: () => 1, slow: () => gate.promise } }, async (app) => {
    const id = await start(app);
    const whole = app.send(`/runs/${id}/events`).then((response) => response.text());
    const seen: number[] = [];
    for (let connection = 0; connection < 4; connection++) {
      const last = seen.at(-1);
      const response = await app.send(`/runs/${id}/events`, {
        headers: last === undefined ? {} : { "last-event-id": String(last) },
      });
      assert.ok(response.body !== null);
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        seen.push(...idsIn(chunk));
        if (connection === 2) gate.resolve();
        if (connection < 3 && seen.length > 0) break;
      }
      if (connection === 1) gate.resolve();
    }
    const all = idsIn(await whole);
    assert.deepEqual(seen, all);
    assert.deepEqual(all, all.map((_, index) => index + 1));
  });
});

Deno.test("GET /runs/{id}/events?follow=false ends after what there is", () =>
  withApp({ nodes: { slow: untilStopped } }, async (app) => {
    const id = await begin(app);
    const text = await (await app.send(`/runs/${id}/events?follow=false`)).text();
    assert.deepEqual(idsIn(text), [1, 2]);
    const rest = await (await app.send(`/runs/${id}/events?follow=false&after=1`)).text();
    assert.deepEqual(idsIn(rest), [2]);
  }));

Deno.test("an EventSource that has seen the end of a run is told with 204 to stay away", () =>
  withApp({}, async (app) => {
    const id = await start(app);
    await (await app.workflow.run(id))?.result;
    const last = (await (await app.workflow.run(id))?.eventsSoFar())?.length;
    const done = await app.send(`/runs/${id}/events`, { headers: { "last-event-id": `${last}` } });
    assert.equal(done.status, 204);
    const bad = await app.send(`/runs/${id}/events`, { headers: { "last-event-id": "x" } });
    assert.equal(bad.status, 400);
  }));

Deno.test("a silent stream of events is kept open by comments", async () => {
  const clock = new FakeClock(1000);
  await withApp({ clock, nodes: { slow: untilStopped } }, async (app) => {
    const response = await app.send(`/runs/${await begin(app)}/events`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.ok(reader !== undefined);
    await reader.read();
    const beat = reader.read();
    await clock.advance(HEARTBEAT_MS);
    assert.equal((await beat).value, ": still here\n\n");
    await reader.cancel();
  });
});

Deno.test("a client that leaves a stream leaves nothing behind", async () => {
  const clock = new FakeClock(1000);
  await withApp({ clock, nodes: { slow: untilStopped } }, async (app) => {
    const response = await app.send(`/runs/${await begin(app)}/events`);
    const before = clock.pending;
    const reader = response.body?.getReader();
    await reader?.read();
    const waiting = reader?.read();
    await clock.advance(0);
    assert.equal(clock.pending, before + 1);
    await reader?.cancel();
    await waiting;
    await clock.advance(0);
    assert.equal(clock.pending, before);
  });
});
