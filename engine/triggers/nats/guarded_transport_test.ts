import assert from "node:assert/strict";
import { GuardedTransport } from "./guarded_transport.ts";

const INFO = new TextEncoder().encode(`INFO {"headers":true,"max_payload":1048576}\r\n`);

/** Sends a transport to a server that greets, or does not. */
async function withServer(
  transport: GuardedTransport,
  greeting: Uint8Array | undefined,
  test: (connected: Promise<void>) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const connected = transport.connect({ hostname, port, tlsName: "" }, {});
  using peer = await listener.accept();
  if (greeting !== undefined) await peer.write(greeting);
  await test(connected);
}

/** What ends a process, were nobody to listen here. */
class UncaughtErrors implements Disposable {
  readonly messages: string[] = [];
  readonly #listen = (event: ErrorEvent) => {
    event.preventDefault();
    this.messages.push(event.message);
  };

  constructor() {
    addEventListener("error", this.#listen);
  }

  [Symbol.dispose](): void {
    removeEventListener("error", this.#listen);
  }
}

for (const how of ["close", "discard"] as const) {
  Deno.test(`a socket that was reset throws nothing after ${how}() took the library's listeners off it`, async () => {
    using uncaught = new UncaughtErrors();
    const transport = new GuardedTransport();
    await withServer(transport, INFO, async (connected) => {
      await connected;
      const { socket } = transport;
      const closed = Promise.withResolvers<void>();
      // As the runtime does it at a reset: the error is told later.
      socket.destroy(new Error("read ECONNRESET"));
      await transport[how]();
      socket.on("close", () => closed.resolve());
      await closed.promise;
    });
    assert.deepEqual(uncaught.messages, []);
  });
}

Deno.test("close() lets go of a server that never said a word", async () => {
  const waits = Promise.withResolvers<void>();
  const transport = new GuardedTransport();
  const { peekInfo } = transport;
  transport.peekInfo = () => {
    waits.resolve();
    return peekInfo.call(transport);
  };
  await withServer(transport, undefined, async () => {
    await waits.promise;
    await transport.close(new Error("timeout"));
    assert.ok(transport.socket.destroyed);
  });
});
