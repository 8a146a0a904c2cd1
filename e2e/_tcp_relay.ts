/** Stands between clients and a server, so that a test can cut the wire. */
export interface TcpRelay extends AsyncDisposable {
  /** What clients connect to. */
  readonly port: number;
  /** Closes every connection at once, to both sides. New ones are relayed as before. */
  cut(): void;
}

/** Relays connections of a free port of the loopback address to `targetPort` there. */
export function startTcpRelay(targetPort: number): TcpRelay {
  const hostname = "127.0.0.1";
  const listener = Deno.listen({ hostname, port: 0 });
  const open = new Set<Deno.Conn>();
  const relays = new Set<Promise<void>>();

  async function relay(client: Deno.Conn): Promise<void> {
    open.add(client);
    let server: Deno.Conn | undefined;
    try {
      server = await Deno.connect({ hostname, port: targetPort });
      open.add(server);
      if (!open.has(client)) return;
      await Promise.race([
        client.readable.pipeTo(server.writable),
        server.readable.pipeTo(client.writable),
      ]);
    } catch {
      // nobody there, or the wire was cut
    } finally {
      close(client);
      if (server !== undefined) close(server);
    }
  }

  function close(connection: Deno.Conn): void {
    open.delete(connection);
    try {
      connection.close();
    } catch {
      // the other side was faster
    }
  }

  const accepting = (async () => {
    for await (const client of listener) {
      const one = relay(client).finally(() => relays.delete(one));
      relays.add(one);
    }
  })();
  const cut = () => {
    for (const connection of [...open]) close(connection);
  };
  return {
    port: listener.addr.port,
    cut,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting.catch(() => {});
      cut();
      await Promise.all(relays);
    },
  };
}
