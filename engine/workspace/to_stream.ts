/**
 * A stream of what a generator yields, one chunk per read. An abort fails the stream with the signal's reason;
 * an abort or a cancel ends the generator where it is, so that its `finally` blocks run.
 */
export function toStream(
  chunks: AsyncGenerator<Uint8Array>,
  signal?: AbortSignal,
): ReadableStream<Uint8Array> {
  let stop: (() => void) | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (signal === undefined) return;
      stop = () => {
        controller.error(signal.reason);
        chunks.return(undefined).catch(() => {});
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    },
    async pull(controller) {
      try {
        const next = await chunks.next();
        if (signal?.aborted) return;
        if (next.done === true) {
          forget();
          controller.close();
        } else controller.enqueue(next.value);
      } catch (error) {
        forget();
        controller.error(error);
      }
    },
    async cancel() {
      forget();
      await chunks.return(undefined);
    },
  }, { highWaterMark: 1 });

  function forget(): void {
    if (stop !== undefined) signal?.removeEventListener("abort", stop);
  }
}
