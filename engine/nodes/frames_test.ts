import assert from "node:assert/strict";
import { type ByteChannel, FrameKind, FrameWriter, readFrames } from "./frames.ts";

/** A channel that hands on what is written in pieces of at most `piece` bytes. */
class Loop implements ByteChannel {
  readonly #piece: number;
  #bytes: Uint8Array[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(piece: number) {
    this.#piece = piece;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#bytes.length === 0) {
      if (this.#closed) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const first = this.#bytes[0] ?? new Uint8Array();
    const take = first.subarray(0, Math.min(buffer.length, this.#piece));
    buffer.set(take);
    if (take.length === first.length) this.#bytes.shift();
    else this.#bytes[0] = first.subarray(take.length);
    return take.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    const taken = bytes.slice(0, this.#piece);
    this.#bytes.push(taken);
    this.#wake?.();
    return Promise.resolve(taken.length);
  }
}

const PAYLOADS = [
  "",
  "x",
  "é€😀".repeat(100),
  "y".repeat(70_000),
  JSON.stringify({ a: "z".repeat(300_000) }),
];

for (const piece of [1, 7, 64 * 1024]) {
  Deno.test(`frames arrive whole and in order over reads of ${piece} bytes`, async () => {
    const channel = new Loop(piece);
    const writer = new FrameWriter(channel);
    const sent = piece === 1 ? PAYLOADS.slice(0, 3) : PAYLOADS;
    for (const [i, payload] of sent.entries()) writer.write(FrameKind.CALL, i + 1, payload);
    const got: [number, number, string][] = [];
    const decoder = new TextDecoder();
    const end = await readFrames(channel, 10_000_000, (kind, id, payload) => {
      got.push([kind, id, decoder.decode(payload)]);
      if (got.length === sent.length) channel.close();
    });
    assert.equal(end, "closed");
    assert.deepEqual(got, sent.map((payload, i) => [FrameKind.CALL, i + 1, payload]));
  });
}

Deno.test("a frame larger than allowed ends the reading before its payload is kept", async () => {
  const channel = new Loop(64 * 1024);
  new FrameWriter(channel).write(FrameKind.DONE, 1, "x".repeat(5_000));
  assert.equal(await readFrames(channel, 4_999, () => assert.fail("must not arrive")), "invalid");
});

Deno.test("bytes that are no frame end the reading", async () => {
  const channel = new Loop(64 * 1024);
  await channel.write(new TextEncoder().encode("hello from a node that found the channel\n"));
  assert.equal(await readFrames(channel, 1_000_000, () => {}), "invalid");
});

Deno.test("a first frame is with the kernel before write() returns", () => {
  const channel = new Loop(64 * 1024);
  let written = 0;
  const writer = new FrameWriter({
    read: (buffer) => channel.read(buffer),
    write: (bytes) => {
      written += bytes.length;
      return channel.write(bytes);
    },
  });
  writer.write(FrameKind.BEGIN, 7);
  assert.equal(written, 9);
});
