import type { Clock } from "../clock/mod.ts";
import type { Storage } from "../storage/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { findRun } from "./find_run.ts";
import { SECURITY_HEADERS } from "./json_response.ts";
import { readFlag, readInteger } from "./query.ts";

/** Bytes in one answer that does not follow, unless asked for fewer, and at the most. */
const MAX_BYTES = 1024 * 1024;
/** Bytes read at a time while following. */
const CHUNK_BYTES = 64 * 1024;
/** The storage tells of changes; this is for one that went unnoticed. */
const LOOK_AGAIN_MS = 2_000;

/** Which part of which log. */
interface Part {
  readonly runId: string;
  readonly node: string | undefined;
  readonly fromByte: number;
}

/**
 * `GET /runs/{id}/log`: the text of the run's log, or of one node's (`?node=`), from a byte on (`?from=`).
 * `X-Next-Byte` is where the next part begins, `X-Log-End` says whether there will be one. With `?follow=true`
 * the answer goes on until the run is over.
 */
export async function showLog(
  workflow: Workflow,
  request: Request,
  { id, clock }: { readonly id: string; readonly clock: Clock },
): Promise<Response> {
  await findRun(workflow, id);
  const query = new URL(request.url).searchParams;
  const max = Number.MAX_SAFE_INTEGER;
  const part: Part = {
    runId: id,
    node: query.get("node") ?? undefined,
    fromByte: readInteger(query, "from", { fallback: 0, min: 0, max }),
  };
  const limits = { fallback: MAX_BYTES, min: 4, max: MAX_BYTES };
  const maxBytes = readInteger(query, "limit", limits);
  const headers = { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8" };
  const { storage } = workflow;
  if (readFlag(query, "follow", false)) {
    if (request.method === "HEAD") return new Response(null, { headers });
    const isEnding = () => workflow.draining;
    return new Response(followLog(part, { storage, clock, isEnding }), { headers });
  }
  const { text, nextByte, isEnd } = await read(storage, part, maxBytes);
  return new Response(text, {
    headers: { ...headers, "x-next-byte": String(nextByte), "x-log-end": String(isEnd) },
  });
}

/** The log from there on, as it is written, until the run is over or the engine ends. */
function followLog(
  part: Part,
  { storage, clock, isEnding }: {
    readonly storage: Storage;
    readonly clock: Clock;
    isEnding(): boolean;
  },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let fromByte = part.fromByte;
  let wake = (): void => {};
  let hasChanged = false;
  let isLeft = false;
  const unlisten = storage.onChange((runId) => {
    if (runId !== part.runId) return;
    hasChanged = true;
    wake();
  });

  /** Resolves after a change since the last look. */
  async function untilChanged(): Promise<void> {
    if (hasChanged || isLeft) return;
    await new Promise<void>((resolve) => {
      const stopTimer = clock.after(LOOK_AGAIN_MS, resolve);
      wake = () => {
        stopTimer();
        resolve();
      };
    });
  }

  return new ReadableStream({
    async pull(controller) {
      while (!isLeft) {
        hasChanged = false;
        const { text, nextByte, isEnd } = await read(storage, { ...part, fromByte }, CHUNK_BYTES);
        if (isLeft) return;
        fromByte = nextByte;
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (isEnd || (text === "" && isEnding())) {
          unlisten();
          return controller.close();
        }
        if (text !== "") return;
        await untilChanged();
      }
    },
    cancel() {
      isLeft = true;
      unlisten();
      wake();
    },
  }, { highWaterMark: 0 });
}

function read(storage: Storage, { runId, node, fromByte }: Part, maxBytes: number) {
  return storage.readLog(runId, { fromByte, maxBytes, ...node === undefined ? {} : { node } });
}
