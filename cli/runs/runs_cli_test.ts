import assert from "node:assert/strict";
import { currentOwner } from "../../engine/storage/mod.ts";
import { completeWords } from "../complete_words.ts";
import { type FakeIo, fakeIo } from "../fake_io.ts";
import { runCli } from "../run_cli.ts";
import {
  DEAD,
  FAILED_EVENTS,
  FAILED_UPDATE,
  FOLDER,
  idAt,
  log,
  type SampleRun,
  START,
  succeeded,
  withRuns,
} from "./_sample_runs.ts";

const ID = {
  first: idAt(START - 2_000, "1"),
  second: idAt(START - 1_000, "2"),
  failed: idAt(START, "3"),
  left: idAt(START + 1_000, "4"),
  mine: idAt(START + 2_000, "5"),
};

const OVER: readonly SampleRun[] = [
  succeeded({ id: ID.first, at: START - 2_000 }),
  succeeded({
    id: ID.second,
    at: START - 1_000,
    workflow: "other",
    workflowKey: "/srv/other",
  }),
  { id: ID.failed, events: FAILED_EVENTS, update: FAILED_UPDATE, trigger: { type: "webhook" } },
];

/** Runs of a dead engine, and of this process. */
const UNFINISHED: readonly SampleRun[] = [
  {
    id: ID.left,
    at: START + 1_000,
    owner: DEAD,
    events: [
      { kind: "run.started", workflow: "digest", version: "1.0", input: {}, trigger: null },
      { kind: "node.started", node: "fetch", attempt: 1 },
      log("fetch", "working"),
    ],
  },
  { id: ID.mine, at: START + 2_000, owner: currentOwner() },
];

interface Pd {
  (...args: readonly string[]): Promise<FakeIo & { readonly code: number }>;
}

/** Runs `pd` over a database file of its own. */
async function withPd(
  runs: readonly SampleRun[],
  test: (pd: Pd, env: { readonly PD_STORAGE: string }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const env = { PD_STORAGE: `sqlite://${dir}/runs.db` };
  try {
    await withRuns(runs, async () => {}, env.PD_STORAGE);
    await test(async (...args) => {
      const io = fakeIo({ cwd: dir, env });
      const code = await runCli(["runs", ...args], io);
      io.written.stdout = io.written.stdout.replaceAll(dir, "/data");
      io.written.stderr = io.written.stderr.replaceAll(dir, "/data");
      return { ...io, code };
    }, env);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("pd runs list -o json has full records, and says where the next page begins", (t) =>
  withPd(OVER, async (pd) => {
    const { written, code } = await pd("-o", "json", "--limit", "2");
    assert.equal(code, 0);
    await t.assertSnapshot(JSON.parse(written.stdout));
    const { next } = JSON.parse(written.stdout);
    const rest = JSON.parse((await pd("list", "-o", "json", "--before", next)).written.stdout);
    assert.deepEqual(rest.runs.map(({ runId }: { runId: string }) => runId), [ID.first]);
    assert.equal(rest.next, null);
  }));

Deno.test("pd runs list filters, and says how to see more", () =>
  withPd([...OVER, ...UNFINISHED], async (pd) => {
    async function listed(...flags: readonly string[]): Promise<string[]> {
      const { written } = await pd("list", ...flags, "-o", "json");
      return JSON.parse(written.stdout).runs.map(({ runId }: { runId: string }) => runId);
    }
    assert.deepEqual(await listed("--status", "failed,interrupted"), [ID.left, ID.failed]);
    assert.deepEqual(await listed("--status", "running"), [ID.mine]);
    assert.deepEqual(await listed("--workflow", "other"), [ID.second]);
    assert.deepEqual(await listed("--since", new Date(START).toISOString()), [
      ID.mine,
      ID.left,
      ID.failed,
    ]);
    assert.deepEqual(await listed("--since", `${START}`, "--until", `${START}`), [ID.failed]);
    const page = await pd("--status", "failed,interrupted", "--limit", "1");
    assert.equal(
      page.written.stderr,
      `more: pd runs list --status failed,interrupted --limit 1 --before ${ID.left.slice(0, 13)}\n`,
    );
    const none = await pd("--workflow", "nobody");
    assert.equal(none.written.stderr, "no such run of sqlite:///data/runs.db\n");
    assert.equal(none.written.stdout, "");
  }));

Deno.test("pd runs show -o json has every node with its attempts, input and output", (t) =>
  withPd(OVER, async (pd) => {
    const { written, code } = await pd("show", "latest:failed", "-o", "json");
    assert.equal(code, 0);
    assert.ok(!written.stdout.includes("$secret"));
    await t.assertSnapshot(JSON.parse(written.stdout));
  }));

Deno.test("pd runs logs prints lines of all nodes or of one", () =>
  withPd(OVER, async (pd) => {
    const all = (await pd("logs", ID.failed)).written.stdout;
    assert.match(all, /^\S+Z info {2}\[fetch\] asking news\.example\n\S+Z info {2}\[parse\] Grüße/);
    const one = (await pd("logs", ID.failed, "--node", "parse")).written.stdout;
    assert.match(one, /^\S+Z info {2}\[parse\] Grüße aus 東京\n {2}in two lines\n$/);
    const json = JSON.parse(
      (await pd("logs", ID.failed, "--node", "fetch", "-f", "-o", "json")).written.stdout,
    );
    assert.deepEqual([json.over, json.lines.length, json.lines[0].message], [
      true,
      1,
      "asking news.example",
    ]);
    const wrong = await pd("logs", ID.failed, "--node", "fetsh");
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.written.stderr,
      /did you mean "fetch"\?\nfix: pd runs logs \S+ --node fetch/,
    );
  }));

Deno.test("pd runs logs -f of a run whose engine has ended says how to go on", () =>
  withPd(UNFINISHED, async (pd) => {
    const { written, code } = await pd("logs", ID.left, "-f");
    assert.equal(code, 1);
    assert.match(written.stdout, /\[fetch\] working\n$/);
    assert.match(written.stderr, new RegExp(`pd runs resume ${ID.left}\n$`));
  }));

Deno.test("pd runs cancel ends a run whose engine has ended, and leaves one that is over", () =>
  withPd([...OVER, ...UNFINISHED], async (pd) => {
    const { written, code } = await pd("cancel", ID.left, ID.first);
    assert.equal(code, 0);
    assert.equal(written.stdout, `${ID.left} cancelled\n${ID.first} was over already: succeeded\n`);
    const { status, nodes } = JSON.parse((await pd("show", ID.left, "-o", "json")).written.stdout);
    assert.equal(status, "cancelled");
    assert.deepEqual(
      Object.entries<{ status: string }>(nodes).map(([id, node]) => [id, node.status]),
      [["fetch", "cancelled"], ["check", "skipped"], ["parse", "skipped"], ["send", "skipped"]],
    );
    const asked = await pd("cancel", ID.mine, "--no-wait");
    assert.equal(asked.written.stdout, `${ID.mine} is asked to stop: still running\n`);
  }));

Deno.test("pd runs resume and retry refuse what cannot be resumed or retried", () =>
  withPd([...OVER, ...UNFINISHED], async (pd) => {
    const over = await pd("resume", ID.first);
    assert.match(over.written.stderr, /^error RUN_OVER .*: it succeeded\nfix: pd runs retry /);
    const owned = await pd("resume", ID.mine);
    assert.match(owned.written.stderr, /^error RUN_OWNED .*: process \d+ on \S+, alive\n/);
    const unfinished = await pd("retry", ID.mine);
    assert.match(unfinished.written.stderr, /^error RUN_UNFINISHED .*: it is running\n/);
    const nowhere = await pd("resume");
    assert.equal(nowhere.code, 2);
    const gone = await pd("retry", ID.first);
    assert.match(gone.written.stderr, new RegExp(`^error WORKFLOW_NOT_FOUND .*${FOLDER}`));
  }));

Deno.test("pd runs rm deletes what is over, by id or by what it has in common", () =>
  withPd([...OVER, ...UNFINISHED], async (pd) => {
    const unasked = await pd("rm", ID.first);
    assert.equal(unasked.code, 2);
    assert.match(unasked.written.stderr, /Cannot delete 1 run without an answer/);
    assert.equal((await pd("rm")).code, 2);
    assert.equal((await pd("rm", ID.first, "--older-than", "1d", "--yes")).code, 2);
    assert.equal((await pd("rm", "--status", "running", "--yes")).code, 2);
    const running = await pd("rm", ID.first, ID.mine, "--yes");
    assert.match(running.written.stderr, /^error RUN_UNFINISHED .*\nfix: pd runs cancel /);
    const one = await pd("rm", ID.first.slice(0, 13), "--yes");
    assert.equal(one.written.stdout, "deleted 1 run\n");
    const none = await pd("rm", "--older-than", "100000d", "--yes");
    assert.equal(none.written.stdout, "deleted 0 runs\n");
    const other = await pd("rm", "--older-than", "1h", "--workflow", "other", "--yes");
    assert.equal(other.written.stdout, "deleted 1 run\n");
    const rest = JSON.parse(
      (await pd("rm", "--status", "failed,succeeded", "--yes", "-o", "json")).written.stdout,
    );
    assert.deepEqual(rest.deleted, [ID.failed]);
    const left = JSON.parse((await pd("-o", "json")).written.stdout);
    assert.deepEqual(left.runs.map(({ runId }: { runId: string }) => runId), [ID.mine, ID.left]);
  }));

Deno.test("pd runs shwo means show, and an unknown address is told", () =>
  withPd([], async (pd) => {
    const { code, written } = await pd("shwo", "latest");
    assert.equal(code, 2);
    assert.match(written.stderr, /did you mean "show"\?\nfix: pd runs show\n$/);
    const wrong = await pd("list", "--storage", "mysql://ada:s3cret@db/runs");
    assert.match(wrong.written.stderr, /^error STORAGE_INVALID /);
    assert.ok(!wrong.written.stderr.includes("s3cret"));
  }));

Deno.test("ids, states, nodes and workflows complete pd runs", () =>
  withPd(OVER, async (_, env) => {
    async function offered(...words: readonly string[]): Promise<string[]> {
      const io = fakeIo({ env });
      await completeWords(["runs", ...words], io);
      return io.written.stdout.split("\n").slice(0, -2).map((line) => line.split("\t")[0] ?? "");
    }
    assert.deepEqual(await offered("show", ""), [
      ID.failed.slice(0, 13),
      ID.second.slice(0, 13),
      ID.first.slice(0, 13),
      "latest",
      "latest:failed",
    ]);
    assert.deepEqual(await offered("logs", "latest", "--node", "p"), ["parse"]);
    assert.deepEqual(await offered("retry", "latest", "--from", ""), [
      "fetch",
      "parse",
      "check",
      "send",
    ]);
    assert.deepEqual(await offered("list", "--status", "f"), ["failed"]);
    assert.deepEqual(await offered("rm", "--workflow", ""), ["digest", "other"]);
    assert.deepEqual(await offered("re"), ["resume", "retry"]);
  }));
