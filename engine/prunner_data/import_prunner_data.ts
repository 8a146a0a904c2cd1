import { join } from "node:path";
import { CodedError } from "../errors/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import { currentOwner, isOver, type Lease, type Storage } from "../storage/mod.ts";
import { eventsOfJob } from "./events_of_job.ts";
import type { PersistedJob } from "./persisted_job.ts";
import { readJobs } from "./read_jobs.ts";
import { readTaskLog } from "./read_task_log.ts";
import { type JobRun, runOfJob } from "./run_of_job.ts";

/** Events that are written as one. */
const BATCH = 500;
/** Jobs that are written at the same time, so that they share the storage's commits. */
const AT_ONCE = 32;
/** Documents that remember what was imported. */
const KIND = "prunner_import";

/** Where prunner's data is, and where it goes. */
export interface PrunnerImportOptions {
  /** prunner's `--data`, that of `data.json` and `logs`. */
  readonly dir: string;
  readonly storage: Storage;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What an import has done. */
export interface PrunnerImport {
  /** Jobs that were found; 0 as well when the file is the one that was imported before. */
  readonly jobs: number;
  /** Runs that are new. */
  readonly imported: number;
}

/**
 * Takes over the jobs of prunner's `data.json` with their logs as runs that are over, of the workflow
 * `pipelines:<name>`. A job that was waiting becomes cancelled, a running one failed as interrupted. A second
 * import adds nothing; one that was cut off goes on where it was, and has to before any engine claims runs of that
 * storage. prunner's files stay as they are.
 *
 * @returns Undefined when there is no `data.json`
 * @throws {CodedError} `FILE_REFUSED` when it is damaged or may not be read; what came before the damage is imported
 */
export async function importPrunnerData(
  options: PrunnerImportOptions,
): Promise<PrunnerImport | undefined> {
  const path = join(options.dir, "data.json");
  try {
    return await importFile(path, options);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.PermissionDenied)) throw cause;
    throw new CodedError(
      "FILE_REFUSED",
      `Cannot import "${path}" as the data of prunner: it or a log beside it may not be read`,
      { fix: `chmod -R u+rX ${options.dir}`, cause },
    );
  }
}

async function importFile(
  path: string,
  { dir, storage, now }: PrunnerImportOptions,
): Promise<PrunnerImport | undefined> {
  const seen = await fingerprint(path);
  if (seen === undefined) return undefined;
  const id = await Deno.realPath(dir);
  const before = await storage.getDocument(KIND, id);
  if (before?.value["file"] === seen) return { jobs: 0, imported: 0 };
  let [jobs, imported] = [0, 0];
  let group: PersistedJob[] = [];
  async function write(): Promise<void> {
    const written = await Promise.allSettled(group.map((job) => importJob(storage, dir, job)));
    group = [];
    for (const one of written) {
      if (one.status === "rejected") throw one.reason;
      if (one.value) imported++;
    }
  }
  const file = await Deno.open(path);
  try {
    for await (const job of readJobs(file.readable.pipeThrough(new TextDecoderStream()), path)) {
      jobs++;
      if (group.some(({ ID }) => ID === job.ID)) await write();
      group.push(job);
      if (group.length === AT_ONCE) await write();
    }
  } finally {
    await write();
  }
  await storage.putDocument({ kind: KIND, id, value: { file: seen, jobs }, updatedAt: now });
  return { jobs, imported };
}

async function fingerprint(path: string): Promise<string | undefined> {
  try {
    const { size, mtime } = await Deno.stat(path);
    return `${size} ${mtime?.getTime() ?? 0}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** False when it is there already. */
async function importJob(storage: Storage, dir: string, job: PersistedJob): Promise<boolean> {
  const jobRun = await runOfJob(job);
  const begun = await begin(storage, jobRun);
  if (begun === undefined) return false;
  const { lease, doneSeq } = begun;
  let batch: RunEvent[] = [];
  let seq = 0;
  const events = eventsOfJob(job, jobRun, (task) => readTaskLog(dir, { job: job.ID, task }));
  for await (const event of events) {
    seq++;
    // What an import that was cut off has written stays as it is.
    if (seq <= doneSeq) continue;
    if (batch.length === BATCH) {
      await storage.append({ lease, events: batch });
      batch = [];
    }
    batch.push({ ...event, runId: lease.runId, seq });
  }
  const { status, startedAt, completedAt, error } = jobRun;
  await storage.append({
    lease,
    events: batch,
    update: {
      status,
      completedAt,
      ...startedAt === undefined ? {} : { startedAt },
      ...error === undefined ? {} : { error: `${error.code}: ${error.message}` },
    },
  });
  return true;
}

async function begin(
  storage: Storage,
  { run }: JobRun,
): Promise<{ readonly lease: Lease; readonly doneSeq: number } | undefined> {
  const owner = currentOwner();
  const there = await storage.getRun(run.runId);
  if (there === undefined) {
    const created = await storage.createRun(run, owner);
    return created.status === "created" ? { lease: created.lease, doneSeq: 0 } : undefined;
  }
  if (isOver(there.status)) return undefined;
  const [claimed] = await storage.claimRuns(owner, { runId: run.runId, limit: 1 });
  return claimed === undefined ? undefined : { lease: claimed.lease, doneSeq: claimed.run.lastSeq };
}
