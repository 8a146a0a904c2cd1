/**
 * The `data` of server-sent events (HTML Living Standard, section 9.2), as they come. Ends with the stream; a stream
 * that breaks off ends too.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncIterable<string> {
  let rest = "";
  try {
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = block.split("\n").filter((line) => line.startsWith("data:"))
          .map((line) => line.slice("data:".length).replace(/^ /, ""));
        if (data.length > 0) yield data.join("\n");
      }
    }
  } catch (error) {
    // The server has gone, or a proxy has lost patience: whoever reads may ask again.
    if (error instanceof DOMException && error.name === "AbortError") throw error;
  }
}
