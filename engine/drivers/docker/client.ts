import { DriverError } from "../driver_error.ts";
import { ApiError } from "./api_error.ts";
import { ByteReader } from "./byte_reader.ts";
import type { Endpoint } from "./endpoint.ts";
import { responseBody } from "./response_body.ts";
import { unavailable } from "./unavailable.ts";
import { writeAll, writeChunked } from "./write_chunked.ts";

/** One request to the daemon. Paths name no version: a daemon answers those in its own, and none is too old. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: { readonly [name: string]: string | undefined };
  readonly json?: unknown;
  /** Sent as it comes. Not read on when the daemon answers before its end. */
  readonly body?: AsyncIterable<Uint8Array>;
  readonly headers?: { readonly [name: string]: string };
  /** Cuts the connection; the daemon may do what was asked all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body is still to be read; every one must be read to its end or closed. */
export interface ApiResponse {
  readonly status: number;
  readonly body: AsyncGenerator<Uint8Array<ArrayBuffer>>;
  close(): void;
}

/** A connection that the daemon handed over: the streams of a container, both ways. */
export interface Hijacked {
  readonly reader: ByteReader;
  write(bytes: Uint8Array): Promise<void>;
  /** The other side reads its end; what it writes still comes. */
  closeWrite(): Promise<void>;
  close(): void;
}

interface Opened extends ApiResponse {
  readonly reader: ByteReader;
  readonly conn: Deno.Conn;
}

/**
 * The Docker Engine API over a connection per request: a socket of the machine connects in 0.1 ms, and
 * hijacked streams need one of their own anyway. `fetch` costs 10 ms more on the first request, and a library
 * 110 ms to import.
 */
export class ApiClient {
  readonly #endpoint: Endpoint;
  readonly #driver: string;

  constructor(endpoint: Endpoint, driver: string) {
    this.#endpoint = endpoint;
    this.#driver = driver;
  }

  /**
   * What the daemon answers, parsed; undefined for an empty answer.
   *
   * @throws {ApiError} when it refuses
   * @throws {DriverError} `DRIVER_UNAVAILABLE` when it cannot be reached or goes away
   */
  async ask<T = unknown>(request: ApiRequest): Promise<T> {
    const { body } = await this.open(request);
    const text = await this.#whole(body, request.signal);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** As `ask`, with the answer still to come. */
  async open(request: ApiRequest): Promise<ApiResponse> {
    return await this.#open(request);
  }

  /** As `open`, for the two requests that turn the connection into the streams of a program. */
  async hijack(request: ApiRequest): Promise<Hijacked> {
    const headers = { "Upgrade": "tcp", "Connection": "Upgrade" };
    const { conn, reader, close } = await this.#open({ ...request, headers });
    return {
      reader,
      write: (bytes) => writeAll(conn, bytes),
      closeWrite: () => conn.closeWrite(),
      close,
    };
  }

  async #open(request: ApiRequest): Promise<Opened> {
    const { signal } = request;
    signal?.throwIfAborted();
    const conn = await this.#connect();
    let isClosed = false;
    // What goes wrong where the body comes from is no trouble of the daemon.
    let bodyError: { readonly error: unknown } | undefined;
    function close(): void {
      if (isClosed) return;
      isClosed = true;
      signal?.removeEventListener("abort", close);
      conn.close();
    }
    signal?.addEventListener("abort", close, { once: true });
    try {
      const reader = new ByteReader(conn);
      const sent = this.#send(conn, request);
      // A daemon that refuses an upload answers before its end, and then closes: its answer counts.
      const head = readHead(reader);
      sent.catch(() => {});
      head.catch(() => {});
      const { status, headers } = await Promise.race([
        head,
        sent.then(() => head, (error) => {
          if (isCut(error)) return head;
          bodyError = { error };
          return Promise.reject(error);
        }),
      ]);
      const body = this.#closing(responseBody(reader, headers), close, signal);
      if (status >= 400) throw new ApiError(status, messageOf(await this.#whole(body, signal)));
      return { status, body, close, reader, conn };
    } catch (error) {
      close();
      if (bodyError !== undefined && !signal?.aborted) throw bodyError.error;
      throw this.#translate(error, signal);
    }
  }

  async #connect(): Promise<Deno.Conn> {
    try {
      return this.#endpoint.transport === "unix"
        ? await Deno.connect({ transport: "unix", path: this.#endpoint.path })
        : await Deno.connect({ hostname: this.#endpoint.hostname, port: this.#endpoint.port });
    } catch (error) {
      throw unavailable(this.#driver, this.#endpoint, error);
    }
  }

  async #send(conn: Deno.Conn, request: ApiRequest): Promise<void> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) query.set(name, value);
    }
    const target = query.size === 0 ? request.path : `${request.path}?${query}`;
    const json = request.json === undefined
      ? undefined
      : new TextEncoder().encode(JSON.stringify(request.json));
    const host = this.#endpoint.transport === "unix" ? "localhost" : this.#endpoint.hostname;
    const headers: { [name: string]: string } = {
      "Host": host,
      "Connection": "close",
      ...request.headers,
    };
    if (json !== undefined) headers["Content-Type"] = "application/json";
    if (request.body !== undefined) {
      headers["Content-Type"] = "application/x-tar";
      headers["Transfer-Encoding"] = "chunked";
    } else if (request.method !== "GET") headers["Content-Length"] = `${json?.length ?? 0}`;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `${request.method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
    await writeAll(conn, concat(new TextEncoder().encode(head), json));
    if (request.body !== undefined) await writeChunked(conn, request.body);
  }

  /** Lets go of the connection however the body ends. */
  async *#closing(
    body: AsyncGenerator<Uint8Array<ArrayBuffer>>,
    close: () => void,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    try {
      yield* body;
    } catch (error) {
      throw this.#translate(error, signal);
    } finally {
      close();
    }
  }

  async #whole(
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    try {
      for await (const part of body) text += decoder.decode(part, { stream: true });
    } catch (error) {
      throw this.#translate(error, signal);
    }
    return text;
  }

  #translate(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    if (error instanceof DriverError || error instanceof ApiError) return error;
    return unavailable(this.#driver, this.#endpoint, error);
  }
}

async function readHead(
  reader: ByteReader,
): Promise<{ status: number; headers: Map<string, string> }> {
  for (;;) {
    const status = Number((await reader.line()).split(" ")[1]);
    const headers = new Map<string, string>();
    for (let line; (line = await reader.line()) !== "";) {
      const colon = line.indexOf(":");
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    if (!(status >= 100)) throw new Deno.errors.InvalidData("the answer is no HTTP");
    if (status === 204 || status === 304) headers.set("content-length", "0");
    if (status === 101 || status >= 200) return { status, headers };
  }
}

/** Whether the daemon reads no more; other errors are those of the body itself. */
function isCut(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text);
    if (typeof message === "string") return message.trim();
  } catch {
    // Not every proxy before a daemon speaks JSON.
  }
  return text.trim();
}

function concat(head: Uint8Array, body: Uint8Array | undefined): Uint8Array {
  if (body === undefined) return head;
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}
