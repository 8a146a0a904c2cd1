import assert from "node:assert/strict";
import { FakeClock } from "../../clock/mod.ts";
import type { JsonObject } from "../../json/mod.ts";
import { flow, withApi } from "./_test_api.ts";

const NOON = Date.UTC(2026, 0, 31, 12);
const FILES = {
  ...flow("hello", { more: "inputs:\n  n: { type: integer, required: true }\n" }),
  ...flow("daily", {
    more: "triggers:\n  - { type: cron, name: nightly, schedule: '0 3 * * *' }\n",
  }),
};
const HOUR = 3_600_000;

interface Shown {
  readonly name: string;
  readonly isPaused: boolean;
  readonly next: readonly number[];
  readonly revision: number;
}

Deno.test("a schedule is made, shown with its next times, changed, paused, and removed", async () => {
  await withApi(FILES, async ({ post, ask }) => {
    const { status, body } = await post("/schedules", {
      name: "often",
      workflow: "hello",
      schedule: "0 * * * *",
      timezone: "Europe/Berlin",
      input: { n: 1 },
    });
    assert.equal(status, 201);
    const next = [1, 2, 3, 4, 5].map((hours) => NOON + hours * HOUR);
    assert.deepEqual(body, {
      name: "often",
      workflow: "hello",
      origin: "server",
      schedule: "0 * * * *",
      timezone: "Europe/Berlin",
      overlap: "forbid",
      catchUp: "none",
      input: { n: 1 },
      isPaused: false,
      isAtWork: true,
      next,
      createdBy: "ann",
      revision: 1,
    });
    assert.equal((await post("/schedules", { ...FIELDS, name: "often" })).status, 409);
    const paused = await ask("/schedules/often", patch({ isPaused: true, revision: 1 }));
    assert.deepEqual([paused.body["isAtWork"], paused.body["next"]], [false, []]);
    const late = await ask("/schedules/often", patch({ isPaused: false, revision: 1 }));
    assert.equal(late.status, 409);
    const { body: list } = await ask("/schedules");
    assert.deepEqual(schedulesOf(list).map(({ name }) => name), ["nightly", "often"]);
    assert.equal((await ask("/schedules/often", { method: "DELETE" })).status, 204);
    assert.equal((await ask("/schedules/often")).status, 404);
  }, new FakeClock(NOON));
});

const FIELDS = { workflow: "hello", schedule: "@daily", input: { n: 1 } };

Deno.test("a schedule that could not work is refused, and the field is named", async () => {
  await withApi(FILES, async ({ post }) => {
    const cases = [
      { change: { schedule: "61 * * * *" }, field: "schedule" },
      { change: { timezone: "Europe/Berlyn" }, field: "timezone" },
      { change: { workflow: "gone" }, field: "workflow" },
      { change: { name: "Not Kebab" }, field: "name" },
    ];
    for (const { change, field } of cases) {
      const { status, body } = await post("/schedules", { ...FIELDS, ...change });
      assert.deepEqual([status, (body["error"] as { field: string }).field], [400, field]);
    }
    const { status, body } = await post("/schedules", { ...FIELDS, input: { n: "x" } });
    assert.deepEqual([status, (body["error"] as { code: string }).code], [400, "INPUT_INVALID"]);
  }, new FakeClock(NOON));
});

Deno.test("a trigger of a file is paused and resumed", async () => {
  await withApi(FILES, async ({ post, ask, registry }) => {
    await registry.begun();
    const trigger = "/workflows/daily/triggers/nightly";
    assert.equal((await post(`${trigger}/pause`)).body["isPaused"], true);
    const paused = schedulesOf((await ask("/schedules")).body);
    assert.deepEqual(paused.map(({ isPaused, next }) => [isPaused, next]), [[true, []]]);
    assert.equal((await post(`${trigger}/resume`)).body["isPaused"], false);
    const resumed = schedulesOf((await ask("/schedules")).body);
    assert.equal(resumed[0]?.next[0], Date.UTC(2026, 1, 1, 3));
    assert.equal((await post("/workflows/daily/triggers/hourly/pause")).status, 404);
  }, new FakeClock(NOON));
});

Deno.test("a schedule of a workflow that a token may not see is not there", async () => {
  await withApi(FILES, async ({ post, ask, bearer }) => {
    await post("/schedules", { ...FIELDS, name: "often" });
    const headers = await bearer({ scope: "run", workflows: ["daily"] });
    assert.equal((await ask("/schedules/often", { headers })).status, 404);
    assert.equal((await ask("/schedules/often", { method: "DELETE", headers })).status, 404);
    const { body } = await ask("/schedules", { headers });
    assert.deepEqual(schedulesOf(body).map(({ name }) => name), ["nightly"]);
    const refused = await ask("/schedules", {
      method: "POST",
      headers,
      body: JSON.stringify(FIELDS),
    });
    assert.equal(refused.status, 400);
  }, new FakeClock(NOON));
});

function patch(body: unknown): RequestInit {
  return { method: "PATCH", body: JSON.stringify(body) };
}

function schedulesOf(body: JsonObject): readonly Shown[] {
  return body["schedules"] as unknown as readonly Shown[];
}
