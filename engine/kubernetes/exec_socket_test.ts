import assert from "node:assert/strict";
import { ApiClient } from "./client.ts";
import { openExec } from "./exec_socket.ts";
import { type ByteConnection, WebSocketConnection } from "./web_socket.ts";

/** What a real cluster sent (Kubernetes 1.36). */
const recorded: readonly {
  readonly name: string;
  readonly messages: readonly { readonly channel: number; readonly text: string }[];
}[] = JSON.parse(await Deno.readTextFile(new URL("./testdata/exec.json", import.meta.url)));

/** Both ends of a connection in memory. */
function pipe(): [ByteConnection, ByteConnection] {
  const there = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 100 });
  const back = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 100 });
  return [end(there.writable, back.readable), end(back.writable, there.readable)];
}

function end(out: WritableStream<Uint8Array>, into: ReadableStream<Uint8Array>): ByteConnection {
  const writer = out.getWriter();
  const reader = into.getReader();
  let rest = new Uint8Array(0);
  return {
    async read(target) {
      if (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        rest = new Uint8Array(value);
      }
      const count = Math.min(target.length, rest.length, 7);
      target.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    async write(bytes) {
      await writer.write(bytes.slice());
      return bytes.length;
    },
    close: () => void writer.close().catch(() => {}),
  };
}

class FakeClient extends ApiClient {
  asked: Parameters<ApiClient["openSocket"]>[0] | undefined;
  readonly #socket: WebSocketConnection;

  constructor(socket: WebSocketConnection) {
    super({
      server: "https://cluster",
      ca: undefined,
      namespace: "",
      name: "",
      credentials: () => Promise.resolve({}),
    });
    this.#socket = socket;
  }

  override openSocket(asked: Parameters<ApiClient["openSocket"]>[0]): Promise<WebSocketConnection> {
    this.asked = asked;
    return Promise.resolve(this.#socket);
  }
}

const REQUEST = {
  namespace: "ns",
  pod: "box",
  container: "main",
  command: ["sh", "-c", "echo a&b"],
  hasStdin: true,
};
const WANT: { readonly [name: string]: readonly [number, string, string] } = {
  "exit 0": [0, "out\n", "err\n"],
  "exit 3": [3, "before\n", ""],
  "killed by a signal": [137, "", ""],
};

for (const { name, messages } of recorded) {
  Deno.test(`openExec() reads what a cluster sends: ${name}`, async () => {
    const [ours, theirs] = pipe();
    const client = new FakeClient(new WebSocketConnection(ours, { isClient: true }));
    const server = new WebSocketConnection(theirs, { isClient: false });
    using streams = await openExec(client, REQUEST);
    const sending = (async () => {
      for (const { channel, text } of messages) {
        await server.send(new Uint8Array([channel]), new TextEncoder().encode(text));
      }
    })();
    const output = { onStdout: "", onStderr: "" };
    const take = (to: keyof typeof output) => (bytes: Uint8Array) => {
      output[to] += new TextDecoder().decode(bytes);
    };
    const code = await streams.read({ onStdout: take("onStdout"), onStderr: take("onStderr") });
    await sending;
    assert.deepEqual([code, output.onStdout, output.onStderr], WANT[name]);
    assert.equal(client.asked?.path, "/api/v1/namespaces/ns/pods/box/exec");
    assert.deepEqual(client.asked?.query?.["command"], REQUEST.command);
  });
}

Deno.test("openExec() sends stdin on its channel, then its end", async () => {
  const [ours, theirs] = pipe();
  const client = new FakeClient(new WebSocketConnection(ours, { isClient: true }));
  const server = new WebSocketConnection(theirs, { isClient: false });
  using streams = await openExec(client, REQUEST);
  const big = new Uint8Array(70_000).map((_, index) => index);
  const sent = streams.write(big).then(() => streams.closeStdin());
  const first = await server.receive();
  const second = await server.receive();
  assert.deepEqual([first?.[0], first?.length, second?.[0], second?.length], [0, 65_537, 0, 4465]);
  assert.deepEqual(first?.slice(1), big.slice(0, 65_536));
  assert.deepEqual([...await server.receive() ?? []], [255, 0]);
  await sent;
});
