/**
 * `<url> <task> [count]`: one engine's part at a storage that several processes share. Says what came of it as one
 * line of JSON; `append` says so for each event and goes on until it is killed.
 */
import { systemClock } from "../engine/clock/mod.ts";
import { currentOwner, type Lease, openStorage, type Storage } from "../engine/storage/mod.ts";
import { acceptedRun } from "./_storage_runs.ts";

const TASKS: Readonly<Record<string, (storage: Storage, count: number) => Promise<void>>> = {
  /** Accepts a run for each of some keys, which the others use too. */
  async keys(storage, count) {
    const runIds: string[] = [];
    for (let index = 0; index < count; index++) {
      const idempotency = {
        scope: "http",
        key: `k${index}`,
        fingerprint: undefined,
        expiresAt: Date.now() + 60_000,
      };
      const run = acceptedRun({ idempotency });
      const created = await storage.createRun(run, currentOwner());
      runIds.push(created.status === "created" ? run.runId : created.runId);
    }
    await print(runIds);
  },
  /** Accepts runs and leaves them unfinished. */
  async accept(storage, count) {
    await Promise.all(Array.from({ length: count }, () => accept(storage)));
    await print(count);
  },
  /** Takes up what it can get, a few at a time, and keeps it until its input ends. */
  async claim(storage) {
    const runIds: string[] = [];
    for (;;) {
      const claimed = await storage.claimRuns(currentOwner(), { limit: 7 });
      if (claimed.length === 0) break;
      runIds.push(...claimed.map(({ run }) => run.runId));
    }
    await print(runIds);
    while (await Deno.stdin.read(new Uint8Array(1)) !== null);
  },
  async append(storage) {
    const lease = await accept(storage);
    for (let seq = 1;; seq++) {
      const event = {
        runId: lease.runId,
        seq,
        at: Date.now(),
        kind: "node.skipped",
        node: "a",
      } as const;
      await storage.append({ lease, events: [event] });
      await print({ runId: lease.runId, seq });
    }
  },
};

async function accept(storage: Storage): Promise<Lease> {
  const created = await storage.createRun(acceptedRun(), currentOwner());
  if (created.status !== "created") throw new Error("The run is not new");
  return created.lease;
}

async function print(value: unknown): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}

if (import.meta.main) {
  const [url = "", task = "", count = "0"] = Deno.args;
  await using storage = await openStorage(url, { clock: systemClock });
  await TASKS[task]?.(storage, Number(count));
}
