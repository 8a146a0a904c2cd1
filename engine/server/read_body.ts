import { joinBytes } from "../bytes/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";

/**
 * Reads a request's body as JSON, whatever its content type says; `undefined` when it is empty.
 *
 * @throws {CodedError} `BODY_TOO_LARGE` as soon as more than `maxBytes` have come, `BAD_REQUEST` when it
 * is not JSON
 */
export async function readJsonBody(
  request: Request,
  maxBytes: number,
): Promise<JsonValue | undefined> {
  const text = decode(await readBytes(request, maxBytes));
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodedError(
      "BAD_REQUEST",
      `Cannot read the body as JSON: ${
        cause instanceof Error ? reasonOf(cause, text) : "it is not"
      }`,
      { fix: `curl -d '{"topic": "deno"}' ${new URL(request.url).origin}/run`, cause },
    );
  }
}

/**
 * The bytes of a request's body. One whose length is announced cannot be longer than that, so it is taken whole: touching `body`
 * would make a stream of it, which costs 10 µs. Any other is counted as it comes.
 *
 * @throws {CodedError} `BODY_TOO_LARGE`
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (Number(announced) > maxBytes) throw tooLarge(maxBytes);
    return await request.bytes();
  }
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : joinBytes(chunks, size);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new CodedError("BAD_REQUEST", "Cannot read the body as JSON: it is not valid UTF-8", {
      fix: "Send the body as UTF-8",
      cause,
    });
  }
}

/** The parser's own words quote the body, which may hold anything: only what and where are kept. */
function reasonOf({ message }: Error, text: string): string {
  if (/end of JSON/i.test(message)) return "it ends too early";
  const token = /^Unexpected token '(.)'/su.exec(message)?.[1];
  const what = token === undefined ? "unexpected text" : `unexpected ${JSON.stringify(token)}`;
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return what;
  const before = text.slice(0, Number(position)).split("\n");
  return `${what} at line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}

function tooLarge(maxBytes: number): CodedError {
  return new CodedError(
    "BODY_TOO_LARGE",
    `Cannot read the body as input: it is larger than ${maxBytes} bytes`,
    { fix: "Send a reference to the data, such as a URL, and let a node read it" },
  );
}
