/** Where folders are kept between runs, as archives under a key. */
export interface CacheStore {
  /** The archive of that key as a plain tar stream, or undefined when there is none. */
  restore(key: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Keeps a tar stream, compressed; all of it or nothing: a reader sees the old one until the new one is whole. */
  persist(key: string, tar: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<void>;
  exists(key: string): Promise<boolean>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
}
