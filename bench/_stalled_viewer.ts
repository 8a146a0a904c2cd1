const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
/** What the system takes for a connection that nobody reads from: little, so that the server's side is full soon. */
const RECEIVE_BYTES = 4096;

/**
 * Opens a stream of `path`, and reads nothing of it, ever; the returned function closes it. By the system's own calls:
 * nothing else can say how little the connection may hold.
 */
export function stalledViewer(
  port: number,
  { path, token }: { readonly path: string; readonly token: string },
): Disposable {
  const libc = Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { symbols } = libc;
  const socket = symbols.socket(AF_INET, SOCK_STREAM, 0);
  symbols.setsockopt(socket, SOL_SOCKET, SO_RCVBUF, new Int32Array([RECEIVE_BYTES]), 4);
  const address = new Uint8Array(16);
  address.set([AF_INET, 0, port >> 8, port & 0xff, 127, 0, 0, 1]);
  if (symbols.connect(socket, address, address.length) !== 0) throw new Error("no connection");
  const request = new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      `Authorization: Bearer ${token}\r\nAccept: text/event-stream\r\n\r\n`,
  );
  symbols.write(socket, request, BigInt(request.length));
  return {
    [Symbol.dispose]() {
      symbols.close(socket);
      libc.close();
    },
  };
}
