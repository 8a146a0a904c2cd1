/** Answers every connection to a socket of its own, as a test says; it must be disposed. */
export class FakeDaemon implements AsyncDisposable {
  readonly path: string;
  readonly #dir: string;
  readonly #listener: Deno.Listener;
  readonly #served: Promise<void>;

  constructor(answer: (conn: Deno.Conn) => Promise<void>) {
    this.#dir = Deno.makeTempDirSync({ prefix: "pd_fake_" });
    this.path = `${this.#dir}/docker.sock`;
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
    this.#served = this.#serve(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#served;
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #serve(answer: (conn: Deno.Conn) => Promise<void>): Promise<void> {
    const answers: Promise<void>[] = [];
    for await (const conn of this.#listener) {
      answers.push(answer(conn).catch(() => {}).finally(() => conn.close()));
    }
    await Promise.all(answers);
  }
}

/** Reads up to the end of a request's head, and what came with it. */
export async function readRequest(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const count = await conn.read(buffer);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text;
}

/** Writes text as it is. */
export async function say(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
