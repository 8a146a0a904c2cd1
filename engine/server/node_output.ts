import { characterEnd, characterStart, joinBytes } from "../bytes/mod.ts";
import type { LogLevel, RunEvent } from "../executor/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { Run } from "../workflow/mod.ts";
import { isOver } from "./event_stream.ts";

/** One piece of what a node wrote. */
export interface OutputPart {
  /** As it was written, escape sequences and newline included. */
  readonly text: string;
  readonly at: number;
  readonly attempt: number;
  readonly level: LogLevel;
  /** Of the program that wrote it; null for what a node logged itself. */
  readonly stream: "stdout" | "stderr" | null;
}

/** Part of the output of a node. */
export interface OutputChunk {
  readonly text: string;
  /** Where it begins and where the next one does, in bytes of UTF-8. */
  readonly offset: number;
  readonly next: number;
  /** This was all, and there will be no more. */
  readonly isEnd: boolean;
}

/** What an event adds to the output of its node. */
export function outputPart(event: RunEvent): OutputPart | undefined {
  if (event.kind !== "log") return undefined;
  const { at, attempt, level, message, fields } = event;
  const { stream, partial, ...more } = isObject(fields) ? fields : {} as JsonObject;
  if (stream === "stdout" || stream === "stderr") {
    return { text: partial === true ? message : `${message}\n`, at, attempt, level, stream };
  }
  const isPlain = fields === undefined || (stream === undefined && Object.keys(more).length === 0);
  const shown = isPlain ? "" : ` ${JSON.stringify(fields)}`;
  return { text: `${message}${shown}\n`, at, attempt, level, stream: null };
}

/** Whether a node writes nothing behind this event. */
export function endsNode(event: RunEvent, node: string): boolean {
  switch (event.kind) {
    case "node.succeeded":
    case "node.failed":
    case "node.cancelled":
    case "node.skipped":
      return event.node === node;
    default:
      return false;
  }
}

/** Where in the output of a node a reader has arrived. */
export interface OutputPlace {
  /** Of the last event whose whole text lies before `byte`. */
  readonly seq: number;
  readonly byte: number;
}

const PAGE = 500;
const MAX_PLACES = 512;
const BEGINNING: OutputPlace = { seq: 0, byte: 0 };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Reads what nodes wrote by byte offsets. Where readers have arrived is remembered, so that following an output does
 * not read it from its beginning each time.
 */
export class NodeOutputs {
  readonly #places = new Map<string, OutputPlace>();

  /** Where to read from, to have what stands at `offset`. */
  placeOf({ run, node, offset }: OutputRequest): OutputPlace {
    return this.#places.get(keyOf(run.id, node, offset)) ?? BEGINNING;
  }

  /** At most `limit` bytes, 4 at least: a chunk never ends within a character. */
  async read(request: OutputRequest & { readonly limit: number }): Promise<OutputChunk> {
    const { run, node, offset } = request;
    const wanted = Math.max(4, request.limit);
    // The state is looked at first: a run that is over by then has all its events.
    const hasEnded = isOver(run);
    const parts: Uint8Array[] = [];
    let { seq, byte } = this.placeOf(request);
    let place: OutputPlace = { seq, byte };
    let have = 0;
    let isDone = false;
    while (have <= wanted && !isDone) {
      const events = await run.eventsSoFar(seq, PAGE);
      for (const event of events) {
        seq = event.seq;
        if (endsNode(event, node)) {
          isDone = true;
          break;
        }
        const part = "node" in event && event.node === node ? outputPart(event) : undefined;
        if (part !== undefined) {
          const bytes = encoder.encode(part.text);
          const fresh = bytes.subarray(characterStart(bytes, Math.max(0, offset - byte)));
          parts.push(fresh);
          have += fresh.length;
          byte += bytes.length;
        }
        if (have > wanted) break;
        if (byte <= offset + have) place = { seq, byte };
      }
      if (events.length < PAGE) break;
    }
    const bytes = joinBytes(parts, have);
    const end = have <= wanted ? have : characterEnd(bytes, wanted);
    // An offset within a character, or behind the end, moves to the next place that is one.
    const start = have === 0 ? Math.min(offset, byte) : byte - have;
    const next = start + end;
    if (place.byte <= next && !isDone) this.#remember(keyOf(run.id, node, next), place);
    return {
      text: decoder.decode(bytes.subarray(0, end)),
      offset: start,
      next,
      isEnd: end === have && (isDone || hasEnded),
    };
  }

  #remember(key: string, place: OutputPlace): void {
    this.#places.delete(key);
    this.#places.set(key, place);
    if (this.#places.size <= MAX_PLACES) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
  }
}

/** Which part of which output. */
export interface OutputRequest {
  readonly run: Run;
  readonly node: string;
  readonly offset: number;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function keyOf(runId: string, node: string, byte: number): string {
  return `${runId} ${byte} ${node}`;
}
