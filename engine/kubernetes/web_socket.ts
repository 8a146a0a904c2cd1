/** How a connection is opened. */
export interface OpenSocket {
  /** Scheme, host and port. */
  readonly url: URL;
  /** With the query. */
  readonly path: string;
  readonly protocol: string;
  readonly headers: { readonly [name: string]: string };
  readonly tls: { readonly caCerts?: string[]; readonly cert?: string; readonly key?: string };
  /** Of the opening alone. */
  readonly signal: AbortSignal;
}

/** What came in place of a WebSocket. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const MAX_HEAD_BYTES = 65_536;
const MAX_BODY_BYTES = 65_536;

/** A connection that bytes go through. */
export interface ByteConnection {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/**
 * One side of a WebSocket of binary messages (RFC 6455). Unlike the runtime's own it reads no faster than
 * messages are taken, waits until what is sent has left, and tells what a server answers that refuses.
 */
export class WebSocketConnection {
  readonly #connection: ByteConnection;
  readonly #isClient: boolean;
  #buffer: Uint8Array<ArrayBuffer>;
  #sending: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** Takes over a connection whose handshake is done; `rest` is what was read beyond that. */
  constructor(
    connection: ByteConnection,
    options: { readonly isClient: boolean; readonly rest?: Uint8Array },
  ) {
    this.#connection = connection;
    this.#isClient = options.isClient;
    this.#buffer = new Uint8Array(options.rest ?? new Uint8Array(0));
  }

  /** Connects and shakes hands; the answer when the server does not want to. */
  static async open(options: OpenSocket): Promise<WebSocketConnection | HttpAnswer> {
    const { url, signal } = options;
    signal.throwIfAborted();
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    const isTls = url.protocol === "https:";
    const port = Number(url.port || (isTls ? 443 : 80));
    const connecting: Promise<Deno.TlsConn | Deno.TcpConn> = isTls
      ? Deno.connectTls({ hostname, port, ...options.tls })
      : Deno.connect({ hostname, port });
    const connection = await orClosed(connecting, signal);
    const onAbort = () => close(connection);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await shakeHands(connection, options);
    } catch (error) {
      close(connection);
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** The next message; undefined when the other side is done, or the connection is closed. */
  async receive(): Promise<Uint8Array | undefined> {
    let message: Uint8Array | undefined;
    for (;;) {
      const frame = await this.#frame();
      if (frame === undefined || frame.opcode === 8) {
        this.close();
        return undefined;
      }
      if (frame.opcode === 9) await this.#send(10, frame.payload);
      if (frame.opcode > 2) continue;
      message = message === undefined ? frame.payload : concat(message, frame.payload);
      if (frame.isLast) return message;
    }
  }

  /** Resolves when the message has left. */
  async send(...parts: readonly Uint8Array[]): Promise<void> {
    await this.#send(2, ...parts);
  }

  /** Shows whatever is in between that the connection is in use. */
  async ping(): Promise<void> {
    await this.#send(9);
  }

  /** Says goodbye, after what is being sent. */
  async end(): Promise<void> {
    await this.#send(8, new Uint8Array([3, 232])).catch(() => {});
  }

  /** At once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    close(this.#connection);
  }

  #send(opcode: number, ...parts: readonly Uint8Array[]): Promise<void> {
    const sent = this.#sending.then(() => this.#write(encode(opcode, parts, this.#isClient)));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  async #frame(): Promise<
    { opcode: number; isLast: boolean; payload: Uint8Array<ArrayBuffer> } | undefined
  > {
    if (!await this.#fill(2)) return undefined;
    const first = this.#buffer[0] ?? 0;
    const second = this.#buffer[1] ?? 0;
    const short = second & 127;
    const isMasked = second >= 128;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const headBytes = 2 + lengthBytes + (isMasked ? 4 : 0);
    if (!await this.#fill(headBytes)) return undefined;
    const view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset);
    const length = lengthBytes === 0
      ? short
      : lengthBytes === 2
      ? view.getUint16(2)
      : Number(view.getBigUint64(2));
    if (!await this.#fill(headBytes + length)) return undefined;
    const payload = this.#buffer.slice(headBytes, headBytes + length);
    if (isMasked) mask(payload, this.#buffer.slice(headBytes - 4, headBytes));
    this.#buffer = this.#buffer.subarray(headBytes + length);
    return { opcode: first & 15, isLast: first >= 128, payload };
  }

  /** Whether so many bytes have come. */
  async #fill(count: number): Promise<boolean> {
    if (this.#buffer.length >= count) return true;
    const all = new Uint8Array(Math.max(count, 65_536));
    all.set(this.#buffer);
    let have = this.#buffer.length;
    while (have < count) {
      const read = await this.#connection.read(all.subarray(have)).catch(() => null);
      if (read === null) return false;
      have += read;
    }
    this.#buffer = all.subarray(0, have);
    return true;
  }
}

async function shakeHands(
  connection: ByteConnection,
  { url, path, protocol, headers }: OpenSocket,
): Promise<WebSocketConnection | HttpAnswer> {
  const key = crypto.getRandomValues(new Uint8Array(16)).toBase64();
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: ${url.host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "\r\n",
  ].join("\r\n");
  const bytes = new TextEncoder().encode(head);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));

  let got = new Uint8Array(0);
  let end = -1;
  while ((end = endOfHead(got)) < 0) {
    const more = await some(connection);
    if (more === undefined || got.length > MAX_HEAD_BYTES) {
      throw new Error("the connection ended before an answer came");
    }
    got = concat(got, more);
  }
  const text = new TextDecoder().decode(got.subarray(0, end));
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]);
  let rest = got.slice(end + 4);
  if (status === 101) {
    if (header(text, "sec-websocket-protocol") !== protocol) {
      throw new Error(`the server does not speak ${protocol}`);
    }
    return new WebSocketConnection(connection, { isClient: true, rest });
  }
  const wanted = Number(header(text, "content-length") ?? MAX_BODY_BYTES);
  const isChunked = header(text, "transfer-encoding") === "chunked";
  while (rest.length < Math.min(wanted, MAX_BODY_BYTES)) {
    if (isChunked && new TextDecoder().decode(rest).endsWith("0\r\n\r\n")) break;
    const more = await some(connection);
    if (more === undefined) break;
    rest = concat(rest, more);
  }
  close(connection);
  const body = new TextDecoder().decode(rest);
  return { status, body: isChunked ? body.replace(/(?:^|\r\n)[0-9a-f]+\r\n/gi, "") : body };
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*?)\\s*$`, "im").exec(head)?.[1];
}

function endOfHead(bytes: Uint8Array): number {
  return new TextDecoder("latin1").decode(bytes).indexOf("\r\n\r\n");
}

async function some(connection: ByteConnection): Promise<Uint8Array | undefined> {
  const into = new Uint8Array(16_384);
  const count = await connection.read(into);
  return count === null ? undefined : into.subarray(0, count);
}

function encode(
  opcode: number,
  parts: readonly Uint8Array[],
  isMasked: boolean,
): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const headBytes = 2 + lengthBytes + (isMasked ? 4 : 0);
  const frame = new Uint8Array(headBytes + length);
  const view = new DataView(frame.buffer);
  frame[0] = 128 | opcode;
  frame[1] = (isMasked ? 128 : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  let at = headBytes;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  if (isMasked) {
    const key = crypto.getRandomValues(new Uint8Array(4));
    frame.set(key, headBytes - 4);
    mask(frame.subarray(headBytes), key);
  }
  return frame;
}

function mask(bytes: Uint8Array, key: Uint8Array): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (key[at & 3] ?? 0);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function close(connection: Pick<ByteConnection, "close">): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}

async function orClosed<T extends ByteConnection>(
  connecting: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([connecting, aborted.promise]);
  } catch (error) {
    connecting.then(close, () => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
