import type { Transport } from "./transport.ts";

/** What a server that speaks the protocol says first. */
const GREETING = /^INFO .*\r\n/s;

/** The protocol over a WebSocket: the library has such a transport, but hands it out for all connections or none. */
export class WebTransport implements Transport {
  readonly lang = "nats.ws";
  readonly version = "3.4.0";
  closeError?: Error;
  #socket: WebSocket | undefined;
  #frames: Uint8Array[] = [];
  #arrived = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void | Error>();
  #isDone = false;

  get isClosed(): boolean {
    return this.#isDone;
  }

  /** Resolves when the server has greeted; rejects when there is none. */
  connect({ src }: { readonly src: string }): Promise<void> {
    const greeted = Promise.withResolvers<void>();
    const socket = this.#socket = new WebSocket(src);
    socket.binaryType = "arraybuffer";
    let head = "";
    let isGreeted = false;
    socket.onmessage = ({ data }) => {
      const frame = typeof data === "string"
        ? new TextEncoder().encode(data)
        : new Uint8Array(data as ArrayBuffer);
      this.#frames.push(frame);
      this.#arrived.resolve();
      if (isGreeted) return;
      head += new TextDecoder().decode(frame);
      if (!GREETING.test(head)) return;
      isGreeted = true;
      greeted.resolve();
    };
    socket.onerror = (event) => {
      const message = event instanceof ErrorEvent ? event.message : "the connection failed";
      this.#end(new Error(message));
    };
    socket.onclose = ({ wasClean, reason }) => {
      this.#end(wasClean || reason === "" ? undefined : new Error(reason));
      greeted.reject(this.closeError ?? new Error("connection refused or closed"));
    };
    return greeted.promise;
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    while (!this.#isDone) {
      if (this.#frames.length === 0) await this.#arrived.promise;
      this.#arrived = Promise.withResolvers();
      yield* this.#frames.splice(0);
    }
  }

  isEncrypted(): boolean {
    return this.#socket?.url.startsWith("wss:") ?? false;
  }

  send(frame: Uint8Array): void {
    if (this.#isDone || this.#socket?.readyState !== WebSocket.OPEN) return;
    // A copy: the library goes on to use its buffer.
    this.#socket.send(frame.slice());
  }

  async close(error?: Error): Promise<void> {
    this.#end(error);
    await this.#closed.promise;
  }

  disconnect(): void {
    this.#end(undefined);
  }

  closed(): Promise<void | Error> {
    return this.#closed.promise;
  }

  discard(): void {
    this.#end(undefined);
  }

  #end(error: Error | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (error !== undefined) this.closeError = error;
    this.#arrived.resolve();
    // What was sent before goes out first: that is the protocol's own close.
    this.#socket?.close();
    this.#closed.resolve(error);
  }
}
