import assert from "node:assert/strict";
import { FakeClock } from "../clock/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import { currentOwner, openStorage, type RunRecord, type Storage } from "../storage/mod.ts";
import { importPrunnerData } from "./mod.ts";

const NOW = Date.UTC(2026, 0, 2);
const IDS = Array.from({ length: 5 }, (_, n) => `52a5cb7f-f24a-433c-b8d0-3cfdb0ed58c${n}`);

const JOBS = [
  {
    ID: IDS[0],
    Pipeline: "release_it",
    Completed: true,
    Created: "2026-01-01T10:00:00.123456789+01:00",
    Start: "2026-01-01T09:00:01Z",
    End: "2026-01-01T09:00:05Z",
    Variables: { version: "1.2", 'odd "]}{[': ["\\", { a: null }] },
    User: "j.doe",
    Tasks: [
      task("build", { Start: "2026-01-01T09:00:01Z", End: "2026-01-01T09:00:03Z" }),
      task("deploy", {
        DependsOn: ["build"],
        Start: "2026-01-01T09:00:03Z",
        End: "2026-01-01T09:00:05Z",
        ExitCode: -1,
      }),
    ],
  },
  {
    ID: IDS[1],
    Pipeline: "release_it",
    Completed: true,
    Created: "2026-01-01T10:00:00Z",
    Start: "2026-01-01T10:00:00Z",
    End: "2026-01-01T10:00:09Z",
    Tasks: [
      // Failed tasks have no end.
      task("build", {
        Start: "2026-01-01T10:00:00Z",
        Status: "error",
        Errored: true,
        ExitCode: 42,
        Error: "exit status 42",
      }),
      task("deploy", { DependsOn: ["build"], Status: "waiting" }),
    ],
  },
  {
    ID: IDS[2],
    Pipeline: "gone",
    Canceled: true,
    Completed: true,
    Created: "2026-01-01T11:00:00Z",
    Start: "2026-01-01T11:00:00Z",
    End: "2026-01-01T11:00:01Z",
    Tasks: [task("only", { Start: "2026-01-01T11:00:00Z", Status: "canceled" })],
  },
  {
    ID: IDS[3],
    Pipeline: "release_it",
    Created: "2026-01-01T12:00:00Z",
    Start: "2026-01-01T12:00:00Z",
    Tasks: [task("build", { Start: "2026-01-01T12:00:00Z", Status: "running" })],
  },
  {
    ID: IDS[4],
    Pipeline: "release_it",
    Created: "2026-01-01T13:00:00Z",
    Tasks: [task("build", { Status: "waiting" })],
  },
];

for (const url of ["memory:", "sqlite"]) {
  Deno.test(`importPrunnerData() makes finished runs of jobs, on ${url}`, async (t) => {
    await withData(JSON.stringify({ Jobs: JOBS }), async (dir) => {
      await using storage = await open(url, dir);
      assert.deepEqual(await run(dir, storage), { jobs: 5, imported: 5 });
      const runs = await storage.listRuns({ limit: 10 });
      const shown = [];
      for (const record of runs.toReversed()) {
        const events = await storage.readEvents(record.runId, 0);
        shown.push({ ...summary(record), events: events.map(told) });
      }
      await t.assertSnapshot(shown);
    });
  });
}

Deno.test("importPrunnerData() adds nothing when it is done again", async () => {
  await withData(JSON.stringify({ Jobs: JOBS }), async (dir) => {
    await using storage = await open("sqlite", dir);
    await run(dir, storage);
    const before = await storage.listRuns({ limit: 10 });
    assert.deepEqual(await run(dir, storage), { jobs: 0, imported: 0 });
    await Deno.writeTextFile(`${dir}/data.json`, `${JSON.stringify({ Jobs: JOBS })}  \n`);
    assert.deepEqual(await run(dir, storage), { jobs: 5, imported: 0 });
    assert.deepEqual(await storage.listRuns({ limit: 10 }), before);
  });
});

Deno.test("importPrunnerData() goes on with a job where an import was cut off", async () => {
  await withData(JSON.stringify({ Jobs: JOBS.slice(0, 1) }), async (dir) => {
    const wanted = await eventsIn(await open("memory:", dir), dir);
    for (let count = 0; count < wanted.length; count++) {
      await using storage = await open("memory:", dir);
      let left = count;
      const failing: Storage = Object.assign(Object.create(storage) as Storage, {
        createRun: storage.createRun.bind(storage),
        getRun: storage.getRun.bind(storage),
        getDocument: storage.getDocument.bind(storage),
        async append(request: Parameters<Storage["append"]>[0]) {
          await storage.append({
            lease: request.lease,
            events: request.events.slice(0, left),
          });
          left = 0;
          throw new Error("killed");
        },
      });
      await assert.rejects(run(dir, failing), /killed/);
      const [begun] = await storage.listRuns({ limit: 1 });
      assert.equal(begun?.status, "running");
      await storage.releaseRun({
        runId: begun?.runId ?? "",
        ownerId: currentOwner().id,
        token: 1,
      });
      assert.deepEqual(await eventsIn(storage, dir), wanted);
    }
  });
});

Deno.test("importPrunnerData() reads a file of many jobs, and a log of many lines into few events", async () => {
  const jobs = Array.from({ length: 2_000 }, (_, index) => ({
    ...JOBS[4],
    ID: `52a5cb7f-f24a-433c-b8d0-${String(index).padStart(12, "0")}`,
    Variables: { text: '{"[}]\\'.repeat(100) },
  }));
  await withData(JSON.stringify({ Jobs: [...jobs, JOBS[0]] }, null, 1), async (dir) => {
    const line = "a line of a script, 40 characters long..\n";
    await Deno.writeTextFile(`${dir}/logs/${IDS[0]}/build-stdout.log`, line.repeat(20_000) + "end");
    await using storage = await open("sqlite", dir);
    assert.deepEqual(await run(dir, storage), { jobs: 2_001, imported: 2_001 });
    const [long] = await storage.listRuns({
      workflowKey: "pipelines:release_it",
      limit: 1,
      status: ["succeeded"],
    });
    const events = await storage.readEvents(long?.runId ?? "", 0);
    const lines = events.flatMap((event) =>
      event.kind === "log" && event.level === "info" ? [event] : []
    );
    assert.ok(lines.length < 700, String(lines.length));
    const text = lines.map(({ message, fields }) =>
      JSON.stringify(fields).includes("partial") ? message : `${message}\n`
    ).join("");
    assert.ok(text === `${line.repeat(20_000)}end`);
  });
});

const DAMAGED: readonly (readonly [what: string, text: string, state: RegExp])[] = [
  ["a file that was cut off", JSON.stringify({ Jobs: JOBS }).slice(0, -40), /ends in the middle/],
  ["a job without an id", '{"Jobs":[{"Pipeline":"a"}]}', /job 1 has a wrong ID/],
  [
    "a job that is no JSON",
    '{"Jobs":[{"ID": nonsense}]}',
    /is not JSON/,
  ],
  ["another file", '{"jobs": []}', /does not begin with/],
  ["an empty file", "", /does not begin with/],
  ["binary data", "\0\xff".repeat(5_000), /does not begin with/],
];

for (const [what, text, state] of DAMAGED) {
  Deno.test(`importPrunnerData() refuses ${what}`, async () => {
    await withData(text, async (dir) => {
      await using storage = await open("memory:", dir);
      await assert.rejects(run(dir, storage), { code: "FILE_REFUSED", message: state });
      await assert.rejects(run(dir, storage), { code: "FILE_REFUSED" });
    });
  });
}

Deno.test("importPrunnerData() does nothing without a data.json, or without jobs", async () => {
  for (const text of ['{"Jobs":[]}', '{"Jobs":null}\n', '{"Jobs": [\n]}']) {
    await withData(text, async (dir) => {
      await using storage = await open("memory:", dir);
      assert.deepEqual(await run(dir, storage), { jobs: 0, imported: 0 });
      await Deno.remove(`${dir}/data.json`);
      assert.equal(await run(dir, storage), undefined);
    });
  }
});

function task(name: string, more: { readonly [key: string]: unknown }): object {
  return { Name: name, Script: [`make ${name}`], Status: "done", ...more };
}

function run(dir: string, storage: Storage): ReturnType<typeof importPrunnerData> {
  return importPrunnerData({ dir, storage, now: NOW });
}

async function eventsIn(storage: Storage, dir: string): Promise<readonly RunEvent[]> {
  await run(dir, storage);
  const [record] = await storage.listRuns({ limit: 1 });
  return await storage.readEvents(record?.runId ?? "", 0);
}

function open(url: string, dir: string): Promise<Storage> {
  return openStorage(url === "sqlite" ? `sqlite://${dir}/runs.db` : url, {
    clock: new FakeClock(NOW),
  });
}

function summary(run: RunRecord): object {
  const { runId, workflow, workflowKey, status, trigger, error } = run;
  const [createdAt, startedAt, completedAt] = [run.createdAt, run.startedAt, run.completedAt]
    .map((at) => at === undefined ? undefined : new Date(at).toISOString());
  return {
    runId,
    workflow,
    workflowKey,
    status,
    trigger,
    error,
    createdAt,
    startedAt,
    completedAt,
  };
}

function told(event: RunEvent): string {
  const { runId: _, seq, at, kind, ...rest } = event;
  return `${seq} ${new Date(at).toISOString().slice(11, 19)} ${kind} ${JSON.stringify(rest)}`;
}

async function withData(text: string, body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/data.json`, text);
    for (const id of IDS.slice(0, 2)) {
      await Deno.mkdir(`${dir}/logs/${id}`, { recursive: true });
      await Deno.writeTextFile(`${dir}/logs/${id}/build-stdout.log`, "one\n\ntwo");
      await Deno.writeTextFile(`${dir}/logs/${id}/build-stderr.log`, "careful\n");
    }
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
