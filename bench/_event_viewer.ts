const CHUNK = 64 * 1024;

/** Somebody who has a page open: a stream of server-sent events over a bare connection, so that fifty of them cost little. */
export class Viewer implements Disposable {
  readonly #connection: Deno.TcpConn;
  /** Bytes that came so far. */
  bytes = 0;
  readonly done: Promise<void>;

  private constructor(
    connection: Deno.TcpConn,
    onText: ((text: string) => void) | undefined,
  ) {
    this.#connection = connection;
    this.done = this.#read(onText).catch(() => {});
  }

  /** Opens a stream, and reads it. */
  static async open(
    port: number,
    options: {
      readonly path: string;
      readonly token: string;
      onText?(text: string): void;
    },
  ): Promise<Viewer> {
    const { path, token, onText } = options;
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      `Authorization: Bearer ${token}\r\nAccept: text/event-stream\r\n\r\n`;
    await connection.write(new TextEncoder().encode(request));
    return new Viewer(connection, onText);
  }

  async #read(onText: ((text: string) => void) | undefined): Promise<void> {
    const buffer = new Uint8Array(CHUNK);
    const decoder = new TextDecoder();
    for (;;) {
      const count = await this.#connection.read(buffer);
      if (count === null) return;
      this.bytes += count;
      const text = onText === undefined ? undefined : decoder.decode(buffer.subarray(0, count));
      if (text !== undefined) onText?.(text);
      // The last chunk of the body: the connection itself stays open.
      if (count >= 5 && buffer[count - 5] === 0x30 && buffer[count - 1] === 0x0a) {
        if (new TextDecoder().decode(buffer.subarray(count - 5, count)) === "0\r\n\r\n") return;
      }
    }
  }

  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
  }
}
