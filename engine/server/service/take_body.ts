import type { Clock } from "../../clock/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import { readBytes } from "../read_body.ts";

/** How much may come, and how slowly. */
export interface TakeBodyOptions {
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * The request with its body in memory, so that no handler waits for a slow sender; the same request when it has none.
 *
 * @throws {CodedError} `BODY_TOO_LARGE`, `BAD_REQUEST` when it takes too long, or ends too early
 */
export async function takeBody(
  request: Request,
  { clock, maxBytes, timeoutMs }: TakeBodyOptions,
): Promise<Request> {
  const { method, headers, url } = request;
  if (method === "GET" || method === "HEAD" || !hasBody(headers)) return request;
  const late = Promise.withResolvers<never>();
  const stopTimer = clock.after(timeoutMs, () => late.reject(tooSlow(timeoutMs)));
  try {
    const reading = readBytes(request, maxBytes).catch((cause) => {
      throw cause instanceof CodedError ? cause : cutOff(cause);
    });
    // Bytes of a request always have a buffer of their own.
    const body = await Promise.race([reading, late.promise]) as Uint8Array<ArrayBuffer>;
    return new Request(url, { method, headers, body });
  } finally {
    stopTimer();
  }
}

function hasBody(headers: Headers): boolean {
  return headers.has("transfer-encoding") || (headers.get("content-length") ?? "0") !== "0";
}

function tooSlow(timeoutMs: number): CodedError {
  return new CodedError(
    "BAD_REQUEST",
    `Cannot read the body as sent: it was not there after ${timeoutMs / 1000} s`,
    { fix: "Send it at once" },
  );
}

function cutOff(cause: unknown): CodedError {
  return new CodedError("BAD_REQUEST", "Cannot read the body as sent: it ended too early", {
    fix: "Send all that Content-Length announces",
    cause,
  });
}
