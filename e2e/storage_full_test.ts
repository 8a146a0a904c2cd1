import assert from "node:assert/strict";
import { systemClock } from "../engine/clock/mod.ts";
import type { RunEvent } from "../engine/executor/mod.ts";
import { currentOwner, type Lease, openStorage, type Storage } from "../engine/storage/mod.ts";
import { withEngine, withFolder } from "./_engine_process.ts";
import { acceptedRun } from "./_storage_runs.ts";

const MEGABYTE = 1024 * 1024;
const skip = await cannotMount();

Deno.test({
  name:
    "sqlite on a full disk refuses what is new, keeps what it has, and recovers when space returns",
  ignore: skip !== undefined,
  async fn() {
    await withSmallDisk(2 * MEGABYTE, async (dir) => {
      const ballast = `${dir}/ballast`;
      await Deno.writeFile(ballast, new Uint8Array(MEGABYTE));
      await using storage = await openStorage(`sqlite://${dir}/runs.db`, { clock: systemClock });
      const lease = await accept(storage);
      let stored = 0;
      let refusal: unknown;
      while (refusal === undefined) {
        assert.ok(stored < 5_000, "The disk never got full");
        await append(storage, lease, stored + 1).then(() => stored++, (error) => refusal = error);
      }
      assert.equal((refusal as { code?: string }).code, "STORAGE_UNAVAILABLE");
      assert.match((refusal as { fix?: string }).fix ?? "", /^df -h /);
      for (let again = 0; again < 3; again++) {
        await assert.rejects(append(storage, lease, stored + 1), { code: "STORAGE_UNAVAILABLE" });
        await assert.rejects(accept(storage, "x".repeat(20_000)), { code: "STORAGE_UNAVAILABLE" });
      }
      assert.equal((await storage.getRun(lease.runId))?.lastSeq, stored);
      assert.equal((await storage.readEvents(lease.runId, 0)).length, stored);

      await Deno.remove(ballast);
      await append(storage, lease, stored + 1);
      const next = await accept(storage, "x".repeat(20_000));
      await append(storage, next, 1);
      const events = await storage.readEvents(lease.runId, 0);
      assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
      assert.equal(events.length, stored + 1);
    });
  },
});

Deno.test({
  name: "sqlite fails at the start on a disk without any space, and starts when there is some",
  ignore: skip !== undefined,
  async fn() {
    await withSmallDisk(MEGABYTE, async (dir) => {
      const ballast = await Deno.open(`${dir}/ballast`, { write: true, create: true });
      const block = new Uint8Array(4096);
      while (await ballast.write(block).catch(() => 0) === block.length);
      ballast.close();
      const url = `sqlite://${dir}/runs.db`;
      await assert.rejects(openStorage(url, { clock: systemClock }), {
        code: "STORAGE_UNAVAILABLE",
      });
      await Deno.remove(`${dir}/ballast`);
      await using storage = await openStorage(url, { clock: systemClock });
      await append(storage, await accept(storage), 1);
    });
  },
});

Deno.test({
  name: "an engine on a full disk refuses runs with 503, stays up, and recovers when space returns",
  ignore: skip !== undefined,
  async fn() {
    const files = {
      "workflow.yaml": `name: small
version: "1.0"
description: Gives its input back
nodes:
  echo: { path: ./echo.ts, isolation: none }
`,
      "echo.ts": "export default (_ctx: unknown, input: unknown) => input;\n",
    };
    await withFolder(files, (folder) =>
      withSmallDisk(2 * MEGABYTE, async (disk) => {
        const ballast = `${disk}/ballast`;
        await Deno.writeFile(ballast, new Uint8Array(MEGABYTE));
        const args = ["--workflow", folder, "--storage", `sqlite://${disk}/runs.db`];
        await withEngine(args, async ({ url }) => {
          const body = JSON.stringify("x".repeat(20_000));
          const run = async () => {
            const response = await fetch(`${url}/run?wait=false`, { method: "POST", body });
            return { status: response.status, answer: await response.json(), response };
          };
          const get = async (path: string) => {
            const response = await fetch(url + path);
            return { status: response.status, answer: await response.json() };
          };
          let accepted = 0;
          let last = await run();
          for (; last.status === 202; last = await run()) {
            assert.ok(++accepted < 1_000, "the disk never got full");
          }
          for (let again = 0; again < 3; again++, last = await run()) {
            assert.deepEqual([last.status, last.answer.error.code], [503, "STORAGE_UNAVAILABLE"]);
            assert.ok(last.response.headers.get("retry-after"));
            assert.equal((await get("/health")).status, 200);
          }
          assert.equal((await get("/runs")).status, 200);
          await Deno.remove(ballast);
          const done = await fetch(`${url}/run`, { method: "POST", body: "{}" });
          assert.equal(done.status, 200, await done.text());
          // What was accepted before is finished, and what was refused never was.
          for (;;) {
            const { runs } = (await get("/runs?limit=1000")).answer;
            const open = runs.filter(({ status }: { status: string }) => status !== "succeeded");
            if (open.length > 0) continue;
            assert.equal(runs.length, accepted + 1);
            break;
          }
        });
      }));
  },
});

async function accept(storage: Storage, input = ""): Promise<Lease> {
  const created = await storage.createRun(acceptedRun({ input }), currentOwner());
  if (created.status !== "created") throw new Error("The run is not new");
  return created.lease;
}

function append(storage: Storage, lease: Lease, seq: number): Promise<void> {
  const event: RunEvent = {
    runId: lease.runId,
    seq,
    at: Date.now(),
    kind: "log",
    node: "a",
    attempt: 1,
    level: "info",
    message: "x".repeat(1_000),
  };
  return storage.append({ lease, events: [event] });
}

async function withSmallDisk(
  sizeBytes: number,
  body: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const mounted = await run("mount", "-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", dir);
  assert.equal(mounted, true);
  try {
    await body(dir);
  } finally {
    await run("umount", dir);
    await Deno.remove(dir);
  }
}

/** Why no small disk can be made here, said once. */
async function cannotMount(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return await say("it needs a tmpfs, which only Linux has");
  const dir = await Deno.makeTempDir();
  try {
    if (await run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir)) {
      await run("umount", dir);
      return undefined;
    }
    return await say("this user cannot mount a tmpfs: it needs root");
  } finally {
    await Deno.remove(dir);
  }
}

async function say(why: string): Promise<string> {
  await Deno.stderr.write(new TextEncoder().encode(`skipped: storage on a full disk: ${why}\n`));
  return why;
}

async function run(program: string, ...args: string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(program, { args, stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}
