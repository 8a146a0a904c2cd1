/** A request, read whole. */
export interface RawRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly text: string;
  readonly connection: Deno.TlsConn;
  /** What came after it. */
  readonly rest: Uint8Array;
}

/** One request of a connection; undefined when that ends before there is one. */
export async function readRequest(connection: Deno.TlsConn): Promise<RawRequest | undefined> {
  let got = new Uint8Array(0);
  async function more(): Promise<boolean> {
    const into = new Uint8Array(16_384);
    const count = await connection.read(into).catch(() => null);
    if (count === null) return false;
    const all = new Uint8Array(got.length + count);
    all.set(got);
    all.set(into.subarray(0, count), got.length);
    got = all;
    return true;
  }
  let end: number;
  while ((end = new TextDecoder("latin1").decode(got).indexOf("\r\n\r\n")) < 0) {
    if (!await more()) return undefined;
  }
  const [first = "", ...lines] = new TextDecoder().decode(got.subarray(0, end)).split("\r\n");
  const [method = "", path = ""] = first.split(" ");
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const until = end + 4 + Number(headers.get("content-length") ?? 0);
  while (got.length < until) if (!await more()) return undefined;
  const text = new TextDecoder().decode(got.subarray(end + 4, until));
  const url = new URL(path, "https://server");
  return { method, url, headers, text, connection, rest: got.slice(until) };
}

/** An answer with a body of JSON, after which the connection ends. */
export function httpAnswer(status: number, body: string): Uint8Array {
  const bytes = encode(body);
  const head = `HTTP/1.1 ${status} -\r\ncontent-type: application/json\r\n` +
    `content-length: ${bytes.length}\r\nconnection: close\r\n\r\n`;
  return encode(head + body);
}

/** Text as bytes. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Resolves when all of it has left. */
export async function writeAll(connection: Deno.TlsConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Closes what may be closed already. */
export function close(connection: Deno.TlsConn): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}
