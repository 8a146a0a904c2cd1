/** What the library asks of a transport. */
export interface Transport extends AsyncIterable<Uint8Array> {
  readonly isClosed: boolean;
  readonly lang: string;
  readonly version: string;
  readonly closeError?: Error | undefined;
  connect(server: never, options: never): Promise<void>;
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array>;
  isEncrypted(): boolean;
  send(frame: Uint8Array): void;
  close(error?: Error): Promise<void>;
  disconnect(): void;
  closed(): Promise<void | Error>;
  discard(): void;
}
