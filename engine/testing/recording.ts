import { z } from "zod";
import type { HttpBody, HttpExchange } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { JsonSyntaxError, parseJsonSource, positionAt } from "./json_source.ts";

/** One recorded exchange: who asked, what, and the answer. */
export interface Recording {
  readonly node: string;
  readonly exchange: HttpExchange;
}

/** A body as a file holds it: JSON stays JSON, so that people can read and edit it. */
const BodySchema = {
  json: z.unknown().optional(),
  text: z.string().optional(),
  base64: z.base64().optional(),
};

const RecordingSchema = z.strictObject({
  node: z.string(),
  request: z.strictObject({
    service: z.string().optional(),
    method: z.string().regex(/^[A-Z]+$/, "a method is in upper case"),
    url: z.url({ protocol: /^https?$/, error: "an absolute URL is expected" }),
    ...BodySchema,
  }),
  response: z.strictObject({
    status: z.int().min(200).max(599),
    headers: z.record(z.string(), z.string()).default({}),
    ...BodySchema,
  }),
});

/** The file of a recording: readable JSON, the same bytes for the same exchange. */
export function encodeRecording({ node, exchange }: Recording): string {
  const { service, method, url, requestBody, status, headers, body } = exchange;
  const file = {
    node,
    request: {
      ...(service === undefined ? {} : { service }),
      method,
      url,
      ...(requestBody === undefined ? {} : encodeBody(requestBody)),
    },
    response: { status, headers, ...encodeBody(body) },
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * The recording in a file's text.
 *
 * @throws {CodedError} `RECORDING_INVALID`, with the place
 */
export function decodeRecording(text: string, file: string): Recording {
  const { source, request, response, node } = parseRecording(text, file);
  for (const half of ["request", "response"] as const) {
    const body = half === "request" ? request : response;
    const forms = ["json", "text", "base64"].filter((form) => Object.hasOwn(body, form));
    if (forms.length > 1) {
      throw invalid(file, `${half} has both "${forms[0]}" and "${forms[1]}"`, {
        text,
        offset: source.range([half]).start,
      });
    }
  }
  const hasRequestBody = ["json", "text", "base64"].some((form) => Object.hasOwn(request, form));
  return {
    node,
    exchange: {
      service: request.service,
      method: request.method,
      url: request.url,
      requestBody: hasRequestBody ? decodeBody(request) : undefined,
      status: response.status,
      headers: response.headers,
      body: decodeBody(response),
    },
  };
}

function parseRecording(text: string, file: string) {
  try {
    const source = parseJsonSource(text);
    const parsed = RecordingSchema.safeParse(source.value);
    if (parsed.success) return { source, ...parsed.data };
    const [issue] = parsed.error.issues;
    const path = (issue?.path ?? []).filter((key) => typeof key !== "symbol");
    const what = `${path.join(".")} ${issue?.message ?? ""}`.replace("Invalid input: ", "").trim();
    throw invalid(file, what, { text, offset: source.range(path).start });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw invalid(file, error.message, { text, offset: error.offset });
  }
}

function invalid(
  file: string,
  what: string,
  { text, offset }: { text: string; offset: number },
): CodedError {
  const { line, column } = positionAt(text, offset);
  return new CodedError(
    "RECORDING_INVALID",
    `Cannot replay "${file}:${line}:${column}" as a recording: ${what}`,
    { fix: `Correct ${file}, or record anew: pd run ${workflowFolder(file)} --record` },
  );
}

/** The workflow that a recording at `<workflow>/testdata/http/<file>` belongs to. */
export function workflowFolder(path: string): string {
  const [before] = path.split(/\/?testdata\/http/);
  return before === undefined || before === "" ? "." : before;
}

function encodeBody(body: HttpBody): { json: JsonValue } | HttpBody | Record<never, never> {
  if ("base64" in body) return { base64: body.base64 };
  if (body.text === "") return {};
  const json = parseFaithfully(body.text);
  return json === undefined ? { text: body.text } : { json };
}

function decodeBody(
  body: { json?: unknown; text?: string | undefined; base64?: string | undefined },
): HttpBody {
  if (Object.hasOwn(body, "json")) return { text: JSON.stringify(body.json) };
  if (body.base64 !== undefined) return { base64: body.base64 };
  return { text: body.text ?? "" };
}

/** `undefined` for what is no JSON, and for JSON whose numbers would come back as others. */
function parseFaithfully(text: string): JsonValue | undefined {
  let isFaithful = true;
  const reviver = (_key: string, value: JsonValue): JsonValue => {
    if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) isFaithful = false;
    return value;
  };
  try {
    const value = JSON.parse(text, reviver) as JsonValue;
    return isFaithful ? value : undefined;
  } catch {
    return undefined;
  }
}
