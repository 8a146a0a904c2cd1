import assert from "node:assert/strict";
import { systemClock } from "../clock/mod.ts";
import {
  currentOwner,
  openStorage,
  type Owner,
  type Storage,
  StorageError,
} from "../storage/mod.ts";
import {
  type TestApp,
  type TestAppOptions,
  type TestNode,
  untilStopped,
  withApp,
} from "./_test_server.ts";

/** An engine of a test: all are this process, and those in `dead` are taken for gone. */
function engine(id: string): Owner {
  return { ...currentOwner(), id };
}

/** Storages that several engines of a test share. */
async function withStorage(
  test: (storage: Storage, dead: Set<string>) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const dead = new Set<string>();
  try {
    await using storage = await openStorage(`sqlite://${dir}/runs.db`, {
      clock: systemClock,
      isOwnerAlive: ({ id }) => Promise.resolve(!dead.has(id)),
    });
    await test(storage, dead);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function on(storage: Storage, id: string, nodes?: { [id: string]: TestNode }): TestAppOptions {
  return {
    storage,
    owner: engine(id),
    workflowKey: "/flow",
    ...nodes === undefined ? {} : { nodes },
  };
}

/** Starts a run and gives its id. */
async function start({ post }: TestApp, input: unknown = {}): Promise<string> {
  return (await (await post("/run?wait=false", input)).json()).runId;
}

/** The ids in a text of server-sent events. */
function idsIn(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
}

/** Reads a stream of events until `pattern`, and hangs up. */
async function readUntil(response: Response, pattern: RegExp): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!pattern.test(text)) {
    const { done, value } = await reader.read();
    assert.ok(!done, `the stream ended before ${pattern}:\n${text}`);
    text += value;
  }
  await reader.cancel();
  return text;
}

Deno.test("a key gives the same run after a restart", () =>
  withStorage(async (storage) => {
    const key = { "idempotency-key": "order-17" };
    let runId = "";
    await withApp(on(storage, "first"), async ({ post }) => {
      runId = (await (await post("/run", { a: 1 }, key)).json()).runId;
    });
    await withApp(on(storage, "second"), async ({ post, workflow }) => {
      const again = await post("/run", { a: 1 }, key);
      assert.equal(again.status, 200);
      const result = await again.json();
      assert.equal(result.runId, runId);
      assert.deepEqual(result.outputs, { echo: { a: 1 } });
      assert.equal((await post("/run", { a: 2 }, key)).status, 422);
      assert.equal((await workflow.runs()).length, 1);
    });
  }));

Deno.test("a key that reaches two engines at once starts one run", () =>
  withStorage((storage) =>
    withApp(on(storage, "first"), (first) =>
      withApp(on(storage, "second"), async (second) => {
        const key = { "idempotency-key": "order-17" };
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, i) => (i % 2 ? first : second).post("/run", {}, key)),
        );
        const ids = await Promise.all(answers.map(async (answer) => (await answer.json()).runId));
        assert.equal(new Set(ids).size, 1);
        assert.equal((await first.workflow.runs()).length, 1);
      }))
  ));

Deno.test("a delivery of a webhook is known again after a restart", () =>
  withStorage(async (storage) => {
    const options = (id: string): TestAppOptions => ({
      ...on(storage, id),
      triggers: [{ type: "webhook", path: "/ci", verify: "token", secret: "ci.token" }],
      secrets: { ci: { token: "canary-4711" } },
    });
    const headers = { authorization: "Bearer canary-4711", "idempotency-key": "build-7" };
    const ids: string[] = [];
    for (const id of ["first", "second"]) {
      await withApp(options(id), async ({ post, workflow }) => {
        const { runId, repeated } = await (await post("/hooks/ci", {}, headers)).json();
        assert.equal(repeated, id === "second" ? true : undefined);
        await (await workflow.run(runId))?.result;
        ids.push(runId);
      });
    }
    assert.equal(ids[0], ids[1]);
  }));

Deno.test("a stream of events goes on after a restart, without gap or repeat", () =>
  withStorage(async (storage) => {
    const nodes = (gate: Promise<unknown>) => ({
      first: () => 1,
      second: ({ signal }: { signal: AbortSignal }) =>
        Promise.race([gate, new Promise((resolve) => signal.addEventListener("abort", resolve))]),
      third: () => 3,
    });
    let runId = "";
    let seen: number[] = [];
    await withApp(on(storage, "first", nodes(new Promise(() => {}))), async (app) => {
      runId = await start(app);
      const response = await app.send(`/runs/${runId}/events`);
      seen = idsIn(await readUntil(response, /"node.started","node":"second"/));
    });
    await withApp(on(storage, "second", nodes(Promise.resolve(2))), async ({ workflow, send }) => {
      await workflow.recover();
      const rest = await send(`/runs/${runId}/events`, {
        headers: { "last-event-id": String(seen.at(-1)) },
      });
      const text = await rest.text();
      assert.match(text, /"run\.resumed"/);
      assert.match(text, /"run\.succeeded"/);
      assert.equal(text.match(/"node\.started","node":"first"/), null);
      const all = [...seen, ...idsIn(text)];
      assert.deepEqual(all, all.map((_, index) => index + 1));
    });
  }));

Deno.test("a stream follows a run of another engine to its end", () =>
  withStorage((storage) => {
    const gate = Promise.withResolvers<number>();
    const nodes = { first: () => 1, second: () => gate.promise };
    return withApp(on(storage, "first", nodes), (first) =>
      withApp(on(storage, "second", nodes), async ({ send, json }) => {
        const runId = await start(first, { a: 1 });
        const response = await send(`/runs/${runId}/events`);
        const view = await json(`/runs/${runId}`);
        assert.deepEqual([view["status"], view["input"]], ["running", { a: 1 }]);
        const reading = response.text();
        gate.resolve(2);
        const text = await reading;
        assert.match(text, /"run\.succeeded"/);
        const ids = idsIn(text);
        assert.deepEqual(
          ids,
          ids.map((_, index) =>
            index + 1
          ),
        );
      }));
  }));

Deno.test("who follows a run that its engine gives up follows it in the next one", () =>
  withStorage(async (storage, dead) => {
    const gate = Promise.withResolvers<number>();
    const nodes = { first: () => 1, second: () => gate.promise };
    await withApp(on(storage, "watcher", nodes), async ({ send }) => {
      let runId = "";
      let text = Promise.resolve("");
      await withApp(on(storage, "first", nodes), async (first) => {
        runId = await start(first);
        text = (await send(`/runs/${runId}/events`)).text();
        gate.resolve(2);
        await first.workflow.drain(0);
      });
      dead.add("first");
      await withApp(on(storage, "second", nodes), async ({ workflow }) => {
        await workflow.recover();
        const ids = idsIn(await text);
        assert.deepEqual(ids, ids.map((_, index) => index + 1));
        assert.match(await text, /"run\.succeeded"/);
      });
    });
  }));

Deno.test("POST /run whose run is given up at shutdown is a 503 with the run's id, and the next engine finishes it", () =>
  withStorage(async (storage) => {
    const begun = Promise.withResolvers<void>();
    let runId = "";
    const hanging: { [id: string]: TestNode } = {
      first: () => 1,
      second(call) {
        begun.resolve();
        return untilStopped(call);
      },
    };
    await withApp(on(storage, "first", hanging), async ({ post, workflow }) => {
      const answer = post("/run");
      await begun.promise;
      await workflow.drain(0);
      const response = await answer;
      assert.equal(response.status, 503);
      const body = await response.json();
      runId = body.runId;
      assert.equal(body.error.code, "RUN_INTERRUPTED");
      assert.match(body.error.message, /shutting down/);
      assert.match(body.error.fix, new RegExp(`pd runs resume ${runId}$`));
      assert.equal(response.headers.get("location"), `/runs/${runId}`);
      // A client that simply asked again would start a second run.
      assert.equal(response.headers.get("retry-after"), null);
      assert.equal((await workflow.runs())[0]?.runId, runId);
    });
    const nodes = { first: () => assert.fail("it is done"), second: () => 2 };
    await withApp(on(storage, "second", nodes), async ({ workflow }) => {
      await workflow.recover();
      const result = await (await workflow.run(runId))?.result;
      assert.deepEqual(result?.outputs, { first: 1, second: 2 });
    });
  }));

Deno.test("POST /runs/{id}/cancel ends a run that another engine has, or that nobody has any more", () =>
  withStorage(async (storage, dead) => {
    const nodes: { [id: string]: TestNode } = {
      wait: ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)),
    };
    await withApp(on(storage, "second", nodes), async (second) => {
      let orphan = "";
      await withApp(on(storage, "first", nodes), async (first) => {
        const runId = await start(first);
        const response = await second.post(`/runs/${runId}/cancel`);
        assert.equal(response.status, 200);
        assert.deepEqual(await response.json(), { runId, status: "cancelled" });
        orphan = await start(first);
      });
      dead.add("first");
      const response = await second.post(`/runs/${orphan}/cancel`);
      assert.deepEqual(await response.json(), { runId: orphan, status: "cancelled" });
    });
  }));

Deno.test("GET /runs/{id}/log gives the text of a log in parts, of a node or of all, and follows it", () => {
  const gate = Promise.withResolvers<void>();
  const nodes: { [id: string]: TestNode } = {
    first({ onLog }) {
      onLog({ level: "info", message: "zwölf Boxkämpfer" });
    },
    async second({ onLog }) {
      onLog({ level: "warn", message: "jagen" });
      await gate.promise;
      onLog({ level: "error", message: "canary-1234", fields: { n: 1 } });
    },
  };
  return withApp({ nodes, secrets: { a: { b: "canary-1234" } } }, async (app) => {
    const runId = await start(app);
    const following = await app.send(`/runs/${runId}/log?follow=true`);
    const reading = following.text();
    await readUntil(await app.send(`/runs/${runId}/events`), /jagen/);
    const soFar = await app.send(`/runs/${runId}/log?node=second`);
    assert.equal(soFar.headers.get("x-log-end"), "false");
    assert.match(await soFar.text(), /^\S+Z warn {2}\[second\] jagen\n$/);
    gate.resolve();
    const text = await reading;
    assert.match(text, /zwölf Boxkämpfer\n.*jagen\n.*\*\*\* \{"n":1\}\n$/);
    assert.equal(following.headers.get("content-type"), "text/plain; charset=utf-8");
    let parts = "";
    let from: string | null = "0";
    let isEnd: string | null = "false";
    while (isEnd === "false") {
      const part: Response = await app.send(`/runs/${runId}/log?from=${from}&limit=7`);
      parts += await part.text();
      from = part.headers.get("x-next-byte");
      isEnd = part.headers.get("x-log-end");
    }
    assert.equal(parts, text);
    assert.equal(from, String(new TextEncoder().encode(text).length));
    assert.equal(await (await app.send(`/runs/${runId}/log?node=nobody`)).text(), "");
    assert.equal((await app.send(`/runs/${runId}/log?from=-1`)).status, 400);
    assert.equal((await app.send(`/runs/nothing/log`)).status, 404);
  });
});

Deno.test("a client that leaves a log it follows leaves nothing behind", () => {
  const gate = Promise.withResolvers<void>();
  return withApp({ nodes: { node: () => gate.promise } }, async (app) => {
    const runId = await start(app);
    const response = await app.send(`/runs/${runId}/log?follow=true`);
    const reader = response.body?.getReader();
    const reading = reader?.read();
    await reader?.cancel();
    assert.equal((await reading)?.done, true);
    gate.resolve();
  });
});

Deno.test("POST /runs/{id}/retry starts a new run, which with ?from= keeps what came before", () => {
  let isFixed = false;
  const calls: string[] = [];
  const nodes: { [id: string]: TestNode } = {
    first({ input }) {
      calls.push("first");
      return { from: input };
    },
    second({ input }) {
      calls.push("second");
      if (!isFixed) throw new Error("not yet");
      return input;
    },
  };
  return withApp({ nodes }, async (app) => {
    const failed = await (await app.post("/run", { n: 1 })).json();
    isFixed = true;
    for (
      const [query, want] of [["", ["first", "second"]], ["?from=second", ["second"]]] as const
    ) {
      calls.length = 0;
      const response = await app.post(`/runs/${failed.runId}/retry${query}`);
      assert.equal(response.status, 202);
      const { runId } = await response.json();
      assert.equal(response.headers.get("location"), `/runs/${runId}`);
      assert.notEqual(runId, failed.runId);
      const result = await (await app.workflow.run(runId))?.result;
      assert.deepEqual(result?.outputs["second"], { from: { n: 1 } }, query);
      assert.deepEqual(calls, want);
    }
    assert.equal((await app.post(`/runs/${failed.runId}/retry?from=third`)).status, 404);
    assert.equal((await app.post(`/runs/nothing/retry`)).status, 404);
  });
});

Deno.test("DELETE /runs/{id} forgets a run that is over, and no other", () => {
  const gate = Promise.withResolvers<void>();
  return withApp({ nodes: { node: () => gate.promise } }, async (app) => {
    const runId = await start(app);
    const early = await app.send(`/runs/${runId}`, { method: "DELETE" });
    assert.equal(early.status, 409);
    assert.equal((await early.json()).error.code, "RUN_UNFINISHED");
    gate.resolve();
    await (await app.workflow.run(runId))?.result;
    assert.equal((await app.send(`/runs/${runId}`, { method: "DELETE" })).status, 204);
    for (const method of ["DELETE", "GET"]) {
      assert.equal((await app.send(`/runs/${runId}`, { method })).status, 404, method);
    }
    assert.deepEqual(await app.workflow.runs(), []);
  });
});

Deno.test("a storage that takes nothing is a 503 with Retry-After, and what was read before is not", () =>
  withStorage((storage) => {
    let isFull = false;
    const full: Storage = new Proxy(storage, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name === "createRun" && isFull) {
          return () =>
            Promise.reject(
              new StorageError(
                "STORAGE_UNAVAILABLE",
                "Cannot store the run as accepted: disk full",
              ),
            );
        }
        return value.bind(target);
      },
    });
    return withApp({
      ...on(full, "first"),
      triggers: [{ type: "webhook", path: "/open" }],
      insecureWebhooks: true,
    }, async (app) => {
      const runId = await start(app);
      await (await app.workflow.run(runId))?.result;
      isFull = true;
      for (const path of ["/run", "/run?wait=false", "/hooks/open", `/runs/${runId}/retry`]) {
        const response = await app.post(path, {});
        assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "5"], path);
        assert.equal((await response.json()).error.code, "STORAGE_UNAVAILABLE");
      }
      assert.equal((await app.send(`/runs/${runId}`)).status, 200);
      assert.equal((await app.send("/health")).status, 200);
      isFull = false;
      assert.equal((await app.post("/run")).status, 200);
    });
  }));
