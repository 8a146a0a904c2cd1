import assert from "node:assert/strict";
import { dial } from "./dial.ts";
import type { NatsSettings } from "./nats_settings.ts";

const INFO =
  `INFO {"server_id":"s","version":"2.9.0","proto":1,"headers":true,"max_payload":1048576}\r\n`;

/** As much of a server as a connection needs. Disposing it closes what is open. */
interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** Closes every connection: clients come back. */
  cut(): void;
  readonly greeted: number;
}

function answer(text: string): string {
  return "PONG\r\n".repeat(text.match(/PING\r\n/g)?.length ?? 0);
}

function tcpServer(): TestServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let greeted = 0;
  async function serve(peer: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(4096);
    try {
      await peer.write(new TextEncoder().encode(INFO));
      greeted++;
      for (let size = await peer.read(buffer); size !== null; size = await peer.read(buffer)) {
        const text = answer(new TextDecoder().decode(buffer.subarray(0, size)));
        if (text !== "") await peer.write(new TextEncoder().encode(text));
      }
    } catch {
      // Cut.
    }
    open.delete(peer);
    close(peer);
  }
  const loop = (async () => {
    for await (const peer of listener) {
      open.add(peer);
      void serve(peer);
    }
  })();
  return {
    url: `nats://127.0.0.1:${listener.addr.port}`,
    cut: () => [...open].forEach(close),
    get greeted() {
      return greeted;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      [...open].forEach(close);
      await loop;
    },
  };
}

function close(peer: Deno.Conn): void {
  try {
    peer.close();
  } catch {
    // Closed already.
  }
}

function webServer(): TestServer {
  const open = new Set<WebSocket>();
  let greeted = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    open.add(socket);
    socket.onopen = () => {
      greeted++;
      socket.send(new TextEncoder().encode(INFO));
    };
    socket.onmessage = ({ data }) => {
      const text = answer(new TextDecoder().decode(data));
      if (text !== "") socket.send(new TextEncoder().encode(text));
    };
    socket.onclose = () => void open.delete(socket);
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}`,
    cut: () => open.forEach((socket) => socket.close()),
    get greeted() {
      return greeted;
    },
    async [Symbol.asyncDispose]() {
      open.forEach((socket) => socket.close());
      await server.shutdown();
    },
  };
}

function settingsOf(server: TestServer): NatsSettings {
  return {
    servers: [server.url],
    requiresTls: false,
    ca: undefined,
    credentials: { kind: "none" },
    mayCreate: false,
  };
}

Deno.test("connections over WebSockets and over sockets live side by side, and each comes back its own way", async () => {
  await using tcp = tcpServer();
  await using web = webServer();
  const names = [["tcp", tcp], ["web", web], ["tcp-2", tcp]] as const;
  const connections = [];
  for (const [name, server] of names) {
    connections.push(await dial(settingsOf(server), { name, random: () => 0 }));
  }
  const back = connections.map(async (connection) => {
    for await (const { type } of connection.status()) if (type === "reconnect") return;
  });
  tcp.cut();
  web.cut();
  await Promise.all(back);
  assert.deepEqual([tcp.greeted, web.greeted], [4, 2]);
  for (const connection of connections) {
    await connection.flush();
    await connection.close();
  }
});

Deno.test("nobody who listens at a ws:// address is told as such", async () => {
  const server = webServer();
  const settings = settingsOf(server);
  await server[Symbol.asyncDispose]();
  await assert.rejects(dial(settings, { name: "x", random: () => 0 }), {
    code: "TRIGGER_UNAVAILABLE",
  });
});
