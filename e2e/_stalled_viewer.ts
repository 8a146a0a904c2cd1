const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const MSG_DONTWAIT = 0x40;
/** What the system takes for a connection that nobody reads from: little, so that the server's side is full soon. */
const RECEIVE_BYTES = 4096;
const READ_BYTES = 64 * 1024;

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/**
 * Somebody who asks for a stream of server-sent events and stops reading at once. By the system's own calls, as
 * nothing else can say how little a connection may hold.
 */
export class StalledViewer implements Disposable {
  readonly #libc = Deno.dlopen("libc.so.6", SYMBOLS);
  readonly #socket: number;
  readonly #decoder = new TextDecoder();
  #isClosed = false;

  constructor(port: number, { path, token }: { readonly path: string; readonly token: string }) {
    const { socket, setsockopt, connect, send } = this.#libc.symbols;
    this.#socket = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(this.#socket, SOL_SOCKET, SO_RCVBUF, new Int32Array([RECEIVE_BYTES]), 4);
    const address = new Uint8Array(16);
    new DataView(address.buffer).setUint16(0, AF_INET, true);
    address.set([port >> 8, port & 0xff, 127, 0, 0, 1], 2);
    if (connect(this.#socket, address, address.length) !== 0) throw new Error("no connection");
    const request = new TextEncoder().encode(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
        `Authorization: Bearer ${token}\r\nAccept: text/event-stream\r\n\r\n`,
    );
    send(this.#socket, request, BigInt(request.length), 0);
  }

  /** What has come so far and was not read yet; empty when there is nothing at this moment. */
  take(): string {
    const buffer = new Uint8Array(READ_BYTES);
    const count = this.#libc.symbols.recv(
      this.#socket,
      buffer,
      BigInt(buffer.length),
      MSG_DONTWAIT,
    );
    return this.#decoder.decode(buffer.subarray(0, Math.max(0, Number(count))), { stream: true });
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#libc.symbols.close(this.#socket);
    this.#libc.close();
  }
}
