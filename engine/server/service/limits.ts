import { CodedError } from "../../errors/mod.ts";

/** How much one caller may ask of the server. */
export interface ServiceLimits {
  /** Requests in a second that one caller may go on with; 0 for as many as it likes. */
  readonly requestsPerSecond: number;
  /** Tokens that do not count, in a minute from one address; then the answer is 429. */
  readonly badTokensPerMinute: number;
  readonly maxBodyBytes: number;
  /** Of what anybody may send: deliveries of webhooks, sign-ins. */
  readonly maxPublicBodyBytes: number;
  /** How long a body may take to arrive. */
  readonly bodyTimeoutMs: number;
  readonly maxUrlChars: number;
  /** Of all headers together. */
  readonly maxHeaderChars: number;
  /** Streams of events that one caller may have open. */
  readonly maxStreams: number;
  /** A stream that nobody reads from ends after so long. Silent ones send a comment well before. */
  readonly streamIdleMs: number;
}

/** Generous: they stop a loop that went wrong, not a team. */
export const DEFAULT_LIMITS: ServiceLimits = {
  requestsPerSecond: 500,
  badTokensPerMinute: 60,
  maxBodyBytes: 16 * 1024 * 1024,
  maxPublicBodyBytes: 1024 * 1024,
  bodyTimeoutMs: 60_000,
  maxUrlChars: 8 * 1024,
  maxHeaderChars: 64 * 1024,
  maxStreams: 200,
  streamIdleMs: 60_000,
};

/**
 * Checks the address and the headers of a request.
 *
 * @throws {CodedError} `BAD_REQUEST`
 */
export function checkSize(
  { url, headers }: Request,
  { maxUrlChars, maxHeaderChars }: Pick<ServiceLimits, "maxUrlChars" | "maxHeaderChars">,
): void {
  if (url.length > maxUrlChars) {
    throw new CodedError(
      "BAD_REQUEST",
      `Cannot read the address as one of this server's: it is longer than ${maxUrlChars} characters`,
      { fix: "Send what is long as the body" },
    );
  }
  let chars = 0;
  for (const [name, value] of headers) chars += name.length + value.length;
  if (chars <= maxHeaderChars) return;
  throw new CodedError(
    "BAD_REQUEST",
    `Cannot read the headers as sent: they are longer than ${maxHeaderChars} characters`,
    { fix: "Send what is long as the body" },
  );
}
