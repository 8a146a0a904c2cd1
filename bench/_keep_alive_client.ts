/** One kept-open HTTP connection that costs little itself: requests are written as bytes, answers counted. */
export class KeepAliveClient implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #request: Uint8Array;
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #decoder = new TextDecoder();

  private constructor(connection: Deno.TcpConn, request: Uint8Array) {
    this.#connection = connection;
    this.#request = request;
  }

  static async post(port: number, path: string, body: string): Promise<KeepAliveClient> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    return new KeepAliveClient(connection, new TextEncoder().encode(head + body));
  }

  /** Sends the request once more and reads the whole answer. @throws {Error} on any status but 200 */
  async send(): Promise<void> {
    await this.#connection.write(this.#request);
    let length = 0;
    let head = "";
    let total = Infinity;
    while (length < total) {
      const read = await this.#connection.read(this.#buffer);
      if (read === null) throw new Error("The server closed the connection");
      length += read;
      if (total !== Infinity) continue;
      head += this.#decoder.decode(this.#buffer.subarray(0, read));
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      if (!head.startsWith("HTTP/1.1 200")) throw new Error(head);
      const bodyBytes = /content-length: (\d+)/i.exec(head)?.[1];
      if (bodyBytes === undefined) throw new Error("The answer has no length");
      total = end + 4 + Number(bodyBytes);
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** Answers per second that `clients` connections get together within `durationMs`. */
export async function throughput(
  port: number,
  options: {
    readonly path: string;
    readonly body: string;
    readonly clients: number;
    readonly durationMs: number;
  },
): Promise<number> {
  const { path, body, clients, durationMs } = options;
  const all = await Promise.all(
    Array.from({ length: clients }, () => KeepAliveClient.post(port, path, body)),
  );
  let answers = 0;
  let end = performance.now() + durationMs / 4;
  const spin = async (client: KeepAliveClient) => {
    while (performance.now() < end) {
      await client.send();
      answers++;
    }
  };
  await Promise.all(all.map(spin));
  answers = 0;
  const startedAt = performance.now();
  end = startedAt + durationMs;
  await Promise.all(all.map(spin));
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const client of all) client[Symbol.dispose]();
  return answers / seconds;
}
