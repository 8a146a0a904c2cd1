/** One server-sent event. */
export interface SentEvent {
  readonly event: string;
  readonly id: string | undefined;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** Reads server-sent events one after another; comments are left out. */
export class StreamReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor({ body }: Response) {
    if (body === null) throw new Error("there is no body");
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next one; undefined at the end. */
  async next(): Promise<SentEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        const { done, value } = await this.#reader.read();
        if (done) return undefined;
        this.#text += value;
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const lines = new Map(
        block.split("\n").map((line) => {
          const at = line.indexOf(": ");
          return [line.slice(0, at), line.slice(at + 2)];
        }),
      );
      const data = lines.get("data");
      if (data === undefined) continue;
      return {
        event: lines.get("event") ?? "message",
        id: lines.get("id"),
        data: JSON.parse(data),
      };
    }
  }

  /** The next one that fits. */
  async until(fits: (event: SentEvent) => boolean): Promise<SentEvent> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error("the stream has ended");
      if (fits(event)) return event;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}
