import type { JsonValue } from "../../engine/json/mod.ts";
import { isOver, type StoredRun } from "../../engine/storage/mod.ts";
import type { Cli } from "../cli.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import { didYouMean } from "../../engine/words/mod.ts";
import { printable } from "../terminal/mod.ts";
import { hintAt } from "../usage_error.ts";
import { findRun } from "./find_run.ts";
import { openRunStorage, type RunStorage } from "../open_run_storage.ts";
import { findScope } from "./run_scope.ts";
import { showRun } from "./shown_run.ts";
import { ChangeWatch } from "./wait_change.ts";

/** What `pd runs logs` was asked. */
export interface LogRequest {
  readonly id: string;
  readonly follow: boolean;
  readonly node: string | undefined;
  readonly storage: string | undefined;
}

const CHUNK_BYTES = 256 * 1024;
const PAGE = 1_000;

/** Prints what the nodes of a run logged; with `follow` until the run is over or nobody goes on with it. */
export async function printLog(cli: Cli, request: LogRequest): Promise<void> {
  const { io, out } = cli;
  const interrupt = request.follow ? io.interrupt() : undefined;
  await using at = await openRunStorage(request.storage, io);
  const run = await findRun(request.id, at, await findScope(undefined, io.cwd));
  const node = request.node === undefined ? undefined : checkNode(request.node, run);
  if (out.format === "json") {
    if (request.follow) await follow(run.runId, at, { node, interrupt, write() {} });
    out.result("", await logJson(run.runId, at, node));
  } else if (request.follow) {
    const left = await follow(run.runId, at, {
      node,
      interrupt,
      write: (text) => io.stdout.write(printable(text)),
    });
    if (left) {
      out.warn(
        `the engine of this run has ended before it: pd runs resume ${run.runId}`,
      );
      cli.exitCode = 1;
    }
  } else {
    await write(run.runId, at, { node, write: (text) => io.stdout.write(printable(text)) });
  }
  if (interrupt?.aborted) cli.exitCode = 130;
}

interface LogReader {
  readonly node: string | undefined;
  write(text: string): void;
}

/** Writes all there is from a byte on; where it ends, and whether more may come. */
async function write(
  runId: string,
  { storage }: RunStorage,
  { node, write, fromByte = 0 }: LogReader & { readonly fromByte?: number },
): Promise<{ readonly nextByte: number; readonly isEnd: boolean }> {
  for (let at = fromByte;;) {
    const chunk = await storage.readLog(runId, {
      fromByte: at,
      maxBytes: CHUNK_BYTES,
      ...node === undefined ? {} : { node },
    });
    if (chunk.text !== "") write(chunk.text);
    if (chunk.isEnd || chunk.nextByte === at) {
      return { nextByte: chunk.nextByte, isEnd: chunk.isEnd };
    }
    at = chunk.nextByte;
  }
}

/** Returns true when nobody goes on with the run though it is not over. */
async function follow(
  runId: string,
  at: RunStorage,
  { interrupt, ...reader }: LogReader & { readonly interrupt: AbortSignal | undefined },
): Promise<boolean> {
  using changes = new ChangeWatch(at.storage, runId, interrupt);
  for (let fromByte = 0;;) {
    const record = await at.storage.getRun(runId);
    const { nextByte, isEnd } = await write(runId, at, { ...reader, fromByte });
    if (isEnd || record === undefined || interrupt?.aborted) return false;
    if ((await showRun(record, at.storage)).status === "interrupted") return true;
    fromByte = nextByte;
    await changes.next();
  }
}

async function logJson(
  runId: string,
  { storage, address }: RunStorage,
  node: string | undefined,
): Promise<JsonValue> {
  const lines: JsonValue[] = [];
  for (let seq = 0;;) {
    const events = await storage.readEvents(runId, seq, PAGE);
    for (const event of events) {
      seq = event.seq;
      if (event.kind !== "log" || (node !== undefined && event.node !== node)) continue;
      const { at, attempt, level, message, fields } = event;
      lines.push({ seq, at, node: event.node, attempt, level, message, fields: fields ?? null });
    }
    if (events.length < PAGE) break;
  }
  const run = await storage.getRun(runId);
  return {
    storage: address,
    runId,
    status: run?.status ?? null,
    over: run === undefined || isOver(run.status),
    lines,
  };
}

/** @throws {CodedError} `TARGET_NOT_FOUND` */
function checkNode(node: string, run: StoredRun): string {
  const { nodes, onError } = run.spec;
  const ids = [...nodes, ...onError === undefined ? [] : [onError]].map(({ id }) => id);
  if (ids.includes(node)) return node;
  const near = didYouMean(node, ids);
  throw new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot find "${node}" as a node of run "${run.runId}": it has ${ids.slice(0, 20).join(", ")}${
      hintAt(near)
    }`,
    { fix: `pd runs logs ${run.runId} --node ${near ?? ids[0] ?? ""}` },
  );
}
