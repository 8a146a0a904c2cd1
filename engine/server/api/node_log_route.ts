import { z } from "zod";
import { characterStart } from "../../bytes/mod.ts";
import { everyNode } from "../../compiler/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { RunEvent } from "../../executor/mod.ts";
import type { Run } from "../../workflow/mod.ts";
import { eventStream } from "../event_stream.ts";
import { FieldError } from "../field_error.ts";
import { SECURITY_HEADERS } from "../json_response.ts";
import { endsNode, NodeOutputs, outputPart, type OutputPlace } from "../node_output.ts";
import { followElsewhere, STREAM_HEADERS } from "../runs_routes.ts";
import { type ApiContext, runOf } from "./api_context.ts";
import type { AnyApiRoute } from "./api_route.ts";
import { defineRoute } from "./define_route.ts";
import { wantsStream } from "./run_events_route.ts";
import { runId } from "./schemas.ts";

const DEFAULT_BYTES = 64 * 1024;
const MAX_BYTES = 1024 * 1024;

const chunk = z.object({
  text: z.string().meta({ description: "As programs wrote it, escape sequences included" }),
  offset: z.int().meta({ description: "Where it begins, in bytes of UTF-8" }),
  next: z.int().meta({ description: "`offset` of the part that follows" }),
  isEnd: z.boolean().meta({ description: "This was all, and there will be no more" }),
}).meta({ id: "LogChunk" });

/** `GET /runs/{run}/nodes/{node}/log`: in parts, live, or as a file. */
export function nodeLogRoute(
  context: Pick<ApiContext, "registry" | "clock">,
): AnyApiRoute {
  const outputs = new NodeOutputs();
  return defineRoute({
    method: "GET",
    path: "/runs/{run}/nodes/{node}/log",
    id: "readNodeLog",
    tag: "Logs",
    scope: "read",
    summary: "What a node wrote: in parts by byte offset, live, or as a file",
    description:
      "With `Accept: text/event-stream` each line comes as it is written, as `{text, at, attempt, level, stream}`; `id` is the offset behind it, and `Last-Event-ID` goes on there. An event `end` is the last. With `download=true` all of it comes as a text file.",
    params: z.strictObject({ run: runId, node: z.string().min(1).max(200) }),
    query: z.strictObject({
      offset: z.int().min(0).default(0),
      limit: z.int().min(4).max(MAX_BYTES).default(DEFAULT_BYTES).meta({
        description: "Bytes at most",
      }),
      download: z.boolean().default(false),
    }),
    headers: { "Last-Event-ID": "Goes on at this offset", "Accept": "text/event-stream is live" },
    answers: {
      200: {
        description: "Part of the log",
        schema: chunk,
        others: {
          "text/event-stream": "data: a line as one line of JSON",
          "text/plain": "All of it, with download=true",
        },
      },
      204: { description: "A stream that goes on behind the end of the log: there is no more" },
    },
    async handle({ params: { run: id, node }, query, principal, request, answer }) {
      const { entry, run } = await runOf(context, principal, id);
      if (!everyNode(run.dag).some((one) => one.id === node)) throw unknownNode(run, node);
      if (query.download) return download({ run, node, outputs });
      if (!wantsStream(request)) {
        return answer(200, await outputs.read({ run, node, ...query }));
      }
      const last = request.headers.get("last-event-id");
      const offset = last === null ? query.offset : readOffset(last);
      if (last !== null) {
        const { isEnd, text } = await outputs.read({ run, node, offset, limit: 4 });
        // Tells an EventSource, which reconnects after every end, that there is nothing more to come.
        if (isEnd && text === "") {
          return new Response(null, { status: 204, headers: SECURITY_HEADERS });
        }
      }
      const place = outputs.placeOf({ run, node, offset });
      return new Response(
        eventStream(run, {
          afterSeq: place.seq,
          follow: true,
          clock: context.clock,
          format: lineFormat(node, { place, offset }),
          isLast: (event) => endsNode(event, node),
          again: (left) => followElsewhere(entry.workflow, left),
        }),
        { headers: STREAM_HEADERS },
      );
    },
  });
}

/** Writes lines down as server-sent events, those from an offset on. */
function lineFormat(
  node: string,
  { place, offset }: { readonly place: OutputPlace; readonly offset: number },
): (event: RunEvent) => string {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let { byte } = place;
  return (event) => {
    if (endsNode(event, node)) return "event: end\ndata: {}\n\n";
    const part = "node" in event && event.node === node ? outputPart(event) : undefined;
    if (part === undefined) return "";
    const bytes = encoder.encode(part.text);
    const skipped = characterStart(bytes, Math.max(0, offset - byte));
    byte += bytes.length;
    if (skipped >= bytes.length && skipped > 0) return "";
    const text = skipped === 0 ? part.text : decoder.decode(bytes.subarray(skipped));
    return `id: ${byte}\ndata: ${JSON.stringify({ ...part, text })}\n\n`;
  };
}

function download(
  { run, node, outputs }: {
    readonly run: Run;
    readonly node: string;
    readonly outputs: NodeOutputs;
  },
): Response {
  const encoder = new TextEncoder();
  let offset = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await outputs.read({ run, node, offset, limit: MAX_BYTES });
      if (part.text !== "") controller.enqueue(encoder.encode(part.text));
      // What is written from now on is not part of the file.
      if (part.isEnd || part.next === offset) return controller.close();
      offset = part.next;
    },
  }, { highWaterMark: 0 });
  const name = `${run.id}-${node}.log`.replace(/[^\w.-]/g, "_");
  return new Response(body, {
    headers: {
      ...SECURITY_HEADERS,
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
}

function readOffset(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new FieldError("Last-Event-ID", "offsets are whole numbers", "Last-Event-ID: 0");
}

function unknownNode({ id, dag }: Run, node: string): CodedError {
  return new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot find "${node}" as a node of run "${id}": there is none of that name`,
    { fix: `Its nodes: ${everyNode(dag).map((one) => one.id).slice(0, 20).join(", ")}` },
  );
}
