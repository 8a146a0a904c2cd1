/** `pd runs` over runs of other processes: listed, followed, cancelled, killed, resumed, retried, deleted. */
import assert from "node:assert/strict";
import { type Gate, withEngine, withFolder, withGate } from "./_engine_process.ts";
import { pd, type PdPlace, PdProcess } from "./_pd_process.ts";
import { findPostgres, startPostgres } from "./_postgres_server.ts";
import { ensurePackage } from "./packages.ts";

const postgres = await findPostgres();
const script = await ensurePackage("script", "bsdutils");

/** first, then second, which waits for the gate, then third. Each leaves a line where it ran. */
function files(gate: Gate): { readonly [path: string]: string } {
  const mark = (node: string) =>
    `await Deno.writeTextFile(new URL("../${node}.ran", import.meta.url), "x", { append: true });`;
  const permissions = `permissions: { net: [127.0.0.1], read: ["."], write: ["."] }`;
  return {
    "workflow.yaml": `name: gated
version: "1.0"
description: Waits at a gate
nodes:
  first: { path: ./nodes/first.ts, ${permissions} }
  second: { path: ./nodes/second.ts, depends_on: [first], timeout: 60s, ${permissions} }
  third: { path: ./nodes/third.ts, depends_on: [second], ${permissions} }
`,
    "nodes/first.ts": `export default async function run(ctx) {
  ${mark("first")}
  ctx.log.info("first is done");
  return { first: 1 };
}
`,
    "nodes/second.ts": `export default async function run(ctx, input) {
  ${mark("second")}
  ctx.log.info("second waits");
  await fetch("${gate.url}", { signal: ctx.signal }).then((response) => response.text());
  const folder = new URL("../bad", import.meta.url);
  if (await Deno.stat(folder).then(() => true, () => false)) throw new Error("bad is there");
  ctx.log.info("second goes on");
  return { ...input, second: 2 };
}
`,
    "nodes/third.ts": `export default async function run(ctx, input) {
  ${mark("third")}
  return { ...input, third: 3 };
}
`,
  };
}

/** A folder with the workflow, and a storage of its own. */
async function inFolder(
  test: (place: PdPlace & { readonly gate: Gate }) => Promise<void>,
): Promise<void> {
  await withGate((gate) =>
    withFolder(files(gate), (dir) => test({ cwd: dir, gate, env: { PD_DATA_DIR: `${dir}/.data` } }))
  );
}

async function timesRan(node: string, { cwd }: PdPlace): Promise<number> {
  return (await Deno.readTextFile(`${cwd}/${node}.ran`).catch(() => "")).length;
}

/** Resolves when so many nodes wait at the gate; fails when `process` ends before. */
async function untilWaiting(count: number, gate: Gate, process: PdProcess): Promise<void> {
  const ended = process.code().then((code) => {
    assert.fail(`it ended with ${code}:\n${process.stdout}\n${process.stderr}`);
  });
  await Promise.race([gate.arrived(count), ended]);
}

async function listed(place: PdPlace): Promise<{ runId: string; status: string }[]> {
  const { stdout } = await pd(["runs", "-o", "json"], place);
  return JSON.parse(stdout).runs;
}

Deno.test("a run is listed, followed and cancelled from other processes", () =>
  inFolder(async (place) => {
    await using run = new PdProcess(["run", "."], place);
    await untilWaiting(1, place.gate, run);
    const [first] = await listed(place);
    assert.equal(first?.status, "running");
    const runId = first?.runId ?? "";
    const shown = JSON.parse((await pd(["runs", "show", "latest", "-o", "json"], place)).stdout);
    assert.equal(shown.owner.pid, run.pid);
    assert.equal(shown.owner.alive, true);
    assert.deepEqual([shown.nodes.first.status, shown.nodes.second.status], [
      "succeeded",
      "running",
    ]);
    await using follower = new PdProcess(["runs", "logs", "latest:running", "-f"], place);
    await follower.until(/\[first\] first is done\n.*\[second\] second waits\n/);
    const cancelled = await pd(["runs", "cancel", runId.slice(0, 13)], place);
    assert.equal(cancelled.stdout, `${runId} cancelled\n`);
    assert.equal(await run.code(), 1);
    assert.match(run.stderr, /RUN_CANCELLED/);
    assert.equal(await follower.code(), 0);
    assert.equal((await listed(place))[0]?.status, "cancelled");
  }));

Deno.test("pd runs logs -f follows a run of another process to its end", () =>
  inFolder(async (place) => {
    await using run = new PdProcess(["run", "."], place);
    await untilWaiting(1, place.gate, run);
    await using follower = new PdProcess(
      ["runs", "logs", "latest", "-f", "--node", "second"],
      place,
    );
    await follower.until(/second waits\n/);
    assert.doesNotMatch(follower.stdout, /second goes on/);
    place.gate.open();
    assert.equal(await follower.code(), 0);
    assert.match(follower.stdout, /^\S+ info {2}\[second\] second waits\n\S+ .* second goes on\n$/);
    assert.equal(await run.code(), 0);
  }));

Deno.test("a run whose engine was killed is interrupted, and pd runs resume goes on without running again what is done", () =>
  inFolder(async (place) => {
    await using run = new PdProcess(["run", "."], place);
    await untilWaiting(1, place.gate, run);
    const owned = await pd(["runs", "resume", "latest"], place);
    assert.equal(owned.code, 1);
    assert.match(owned.stderr, new RegExp(`^error RUN_OWNED .*: process ${run.pid} on `));
    run.signal("SIGKILL");
    await run.code();
    const [left] = await listed(place);
    assert.equal(left?.status, "interrupted");
    place.gate.open();
    const resumed = await pd(["runs", "resume", left?.runId ?? ""], place);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(JSON.parse(resumed.stdout), { first: 1, second: 2, third: 3 });
    assert.match(resumed.stderr, /ok first .*\n(.*\n)*lost second, attempt 1.*\n(.*\n)*ok third/);
    const ran = await Promise.all(
      ["first", "second", "third"].map((node) => timesRan(node, place)),
    );
    assert.deepEqual(ran, [1, 2, 1]);
    const shown = await pd(["runs", "show", "latest"], place);
    assert.match(shown.stdout, /resumed +once\n[^]*attempt 1 .* lost after .*NODE_LOST/);
    const again = await pd(["runs", "resume", "latest"], place);
    assert.match(again.stderr, /^error RUN_OVER .*: it succeeded\n/);
  }));

Deno.test("pd runs resume takes up all that is left in the folder, and Ctrl-C leaves it for the next time", () =>
  inFolder(async (place) => {
    for (const waiting of [1, 2]) {
      await using run = new PdProcess(["run", "."], place);
      await untilWaiting(waiting, place.gate, run);
      run.signal("SIGKILL");
      await run.code();
    }
    await using given = new PdProcess(["runs", "resume"], place);
    await untilWaiting(4, place.gate, given);
    given.signal("SIGINT");
    assert.equal(await given.code(), 130);
    assert.match(given.stderr, /left unfinished: pd runs resume\n$/);
    assert.deepEqual((await listed(place)).map(({ status }) => status), [
      "interrupted",
      "interrupted",
    ]);
    place.gate.open();
    const resumed = await pd(["runs", "resume", "-o", "json"], place);
    assert.equal(resumed.code, 0, resumed.stderr);
    const { runs } = JSON.parse(resumed.stdout);
    assert.deepEqual(runs.map(({ status }: { status: string }) => status), [
      "succeeded",
      "succeeded",
    ]);
    assert.equal(await timesRan("first", place), 2);
    const nothing = await pd(["runs", "resume"], place);
    assert.equal(nothing.code, 0);
    assert.match(nothing.stderr, /^nothing to resume/);
  }));

Deno.test("pd runs resume goes on with a run of a pod in the folder of its workflow, and nowhere else", () =>
  inFolder(async (place) => {
    const storage = `sqlite://${place.cwd}/pod.db`;
    let runId = "";
    // A pod keeps its runs under the name of its workflow.
    await withEngine(["--workflow", place.cwd, "--storage", storage], async (engine) => {
      const response = await fetch(`${engine.url}/run?wait=false`, { method: "POST" });
      runId = (await response.json()).runId;
      await place.gate.arrived(1);
      engine.kill("SIGKILL");
      await engine.status;
    });
    const args = ["runs", "resume", runId, "--storage", storage];
    await withFolder({}, async (cwd) => {
      const lost = await pd(args, { ...place, cwd });
      assert.equal(lost.code, 1);
      assert.match(
        lost.stderr,
        /^error TARGET_NOT_FOUND .*this folder holds no workflow\nfix: cd to/,
      );
    });
    place.gate.open();
    const resumed = await pd(args, place);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(JSON.parse(resumed.stdout), { first: 1, second: 2, third: 3 });
    assert.equal(await timesRan("first", place), 1);
  }));

Deno.test("a run left behind by a killed engine is cancelled without one", () =>
  inFolder(async (place) => {
    await using run = new PdProcess(["run", "."], place);
    await untilWaiting(1, place.gate, run);
    run.signal("SIGKILL");
    await run.code();
    const { code, stdout } = await pd(["runs", "cancel", "latest"], place);
    assert.equal(code, 0);
    assert.match(stdout, / cancelled\n$/);
    place.gate.open();
    assert.match((await pd(["runs", "resume"], place)).stderr, /^nothing to resume/);
    assert.equal(await timesRan("second", place), 1);
  }));

Deno.test("pd run says how to go on after a failure, and retry --from does not run earlier nodes again", () =>
  inFolder(async (place) => {
    place.gate.open();
    await Deno.writeTextFile(`${place.cwd}/bad`, "");
    const failed = await pd(["run", "."], place);
    assert.equal(failed.code, 1);
    const [, show, runId] = /look at it: (pd runs show (\S+))\n/.exec(failed.stderr) ?? [];
    assert.ok(show !== undefined && runId !== undefined, failed.stderr);
    assert.ok(failed.stderr.includes(`pd runs retry ${runId} --from second\n`));
    await Deno.remove(`${place.cwd}/bad`);
    const retried = await pd(["runs", "retry", runId, "--from", "second"], place);
    assert.equal(retried.code, 0, retried.stderr);
    assert.deepEqual(JSON.parse(retried.stdout), { first: 1, second: 2, third: 3 });
    assert.deepEqual([await timesRan("first", place), await timesRan("second", place)], [1, 2]);
    const shown = await pd(["runs", "show", "latest"], place);
    assert.match(shown.stdout, new RegExp(`trigger +retry ${runId}\n`));
    assert.match(shown.stdout, /first +succeeded +of the run that this one retries\n/);
    const whole = await pd(["runs", "retry", "latest:failed", "-o", "json"], place);
    assert.equal(JSON.parse(whole.stdout).status, "succeeded");
    assert.equal(await timesRan("first", place), 2);
    const wrong = await pd(["runs", "retry", runId, "--from", "secnd"], place);
    assert.match(wrong.stderr, /^error TARGET_NOT_FOUND .*\nfix: --from second\n/);
  }));

Deno.test("pd runs rm deletes runs that are over, and no other", () =>
  inFolder(async (place) => {
    await using run = new PdProcess(["run", "."], place);
    await untilWaiting(1, place.gate, run);
    const refused = await pd(["runs", "rm", "latest", "--yes"], place);
    assert.match(refused.stderr, /^error RUN_UNFINISHED /);
    place.gate.open();
    assert.equal(await run.code(), 0);
    const deleted = await pd(["runs", "rm", "--status", "succeeded", "--yes"], place);
    assert.equal(deleted.stdout, "deleted 1 run\n");
    assert.deepEqual(await listed(place), []);
    const gone = await pd(["runs", "show", "latest"], place);
    assert.match(gone.stderr, /^error RUN_NOT_FOUND .*runs\.db has no run\n/);
  }));

Deno.test({
  name:
    "runs in PostgreSQL are followed, cancelled, and resumed once the lease of a killed engine ran out",
  ignore: postgres.status === "missing",
  async fn() {
    await using server = await startPostgres();
    const url = `${await server.createDatabase()}?lease=1s`;
    await inFolder(async ({ cwd, gate }) => {
      const place = { cwd, env: { PD_STORAGE: url } };
      await using first = new PdProcess(["run", "."], place);
      await untilWaiting(1, gate, first);
      await using follower = new PdProcess(["runs", "logs", "latest", "-f"], place);
      await follower.until(/second waits/);
      const cancelled = await pd(["runs", "cancel", "latest:running"], place);
      assert.match(cancelled.stdout, / cancelled\n$/);
      assert.equal(await follower.code(), 0);
      assert.equal(await first.code(), 1);
      await using second = new PdProcess(["run", "."], place);
      await untilWaiting(2, gate, second);
      second.signal("SIGKILL");
      await second.code();
      gate.open();
      const resumed = await pd(["runs", "resume", "latest:interrupted"], place);
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.deepEqual(JSON.parse(resumed.stdout), { first: 1, second: 2, third: 3 });
      assert.equal(await timesRan("first", place), 2);
      const shown = JSON.parse((await pd(["runs", "list", "-o", "json"], place)).stdout);
      assert.ok(!shown.storage.includes(server.password), shown.storage);
      const deleted = await pd(["runs", "rm", "--older-than", "0", "--yes"], place);
      assert.equal(deleted.stdout, "deleted 2 runs\n");
    });
  },
});

Deno.test({
  name: "pd runs rm asks on a terminal",
  ignore: script.status === "missing",
  fn: () =>
    inFolder(async (place) => {
      place.gate.open();
      assert.equal((await pd(["run", "."], place)).code, 0);
      const main = new URL("../cli/main.ts", import.meta.url).pathname;
      for (const [key, left] of [["n", 1], ["y", 0]] as const) {
        const child = new Deno.Command("script", {
          args: [
            "-qefc",
            `stty cols 200 rows 24; '${Deno.execPath()}' run -qA '${main}' runs rm latest`,
            "/dev/null",
          ],
          cwd: place.cwd,
          env: { ...place.env, TERM: "xterm" },
          stdin: "piped",
          stdout: "piped",
          stderr: "null",
        }).spawn();
        const writer = child.stdin.getWriter();
        let text = "";
        let isAnswered = false;
        for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
          text += part;
          if (isAnswered || !text.includes("Delete 1 run of")) continue;
          isAnswered = true;
          await writer.write(new TextEncoder().encode(key));
        }
        await writer.close().catch(() => {});
        await child.status;
        assert.match(text, new RegExp(`deleted ${left === 0 ? "1 run" : "0 runs"}`));
        assert.equal((await listed(place)).length, left);
      }
    }),
});
