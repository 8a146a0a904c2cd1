import { GuardedTransport } from "./guarded_transport.ts";
import type { Transport } from "./transport.ts";
import { WebTransport } from "./web_transport.ts";

/**
 * A transport for whatever server it is told to connect to: `ws://` and `wss://` go over a WebSocket, all others
 * over a socket. The library knows one kind of transport for a whole process, also when a connection comes back.
 */
export class EitherTransport implements Transport {
  closeError?: Error;
  #inner: Transport | undefined;
  #isDiscarded = false;
  readonly #closed = Promise.withResolvers<void | Error>();

  get lang(): string {
    return this.#inner?.lang ?? "";
  }

  get version(): string {
    return this.#inner?.version ?? "";
  }

  get isClosed(): boolean {
    return this.#inner?.isClosed ?? this.#isDiscarded;
  }

  async connect(server: { readonly src: string }, options: object): Promise<void> {
    const inner: Transport = this.#inner = /^wss?:/i.test(server.src)
      ? new WebTransport()
      : new GuardedTransport();
    void inner.closed().then((error) => {
      if (inner.closeError !== undefined) this.closeError = inner.closeError;
      this.#closed.resolve(error);
    });
    await inner.connect(server as never, options as never);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    if (this.#inner === undefined) throw new Error("not connected");
    return this.#inner[Symbol.asyncIterator]();
  }

  isEncrypted(): boolean {
    return this.#inner?.isEncrypted() ?? false;
  }

  send(frame: Uint8Array): void {
    this.#inner?.send(frame);
  }

  async close(error?: Error): Promise<void> {
    if (this.#inner === undefined) return this.discard();
    await this.#inner.close(error);
  }

  disconnect(): void {
    this.#inner?.disconnect();
  }

  closed(): Promise<void | Error> {
    return this.#closed.promise;
  }

  discard(): void {
    this.#isDiscarded = true;
    if (this.#inner === undefined) this.#closed.resolve();
    else this.#inner.discard();
  }
}
