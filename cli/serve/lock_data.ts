import { join } from "node:path";
import { CodedError } from "../../engine/errors/mod.ts";

/** The data folder of a server, taken. */
export interface DataLock extends Disposable {
  /** Writes down where the server answers, for whoever finds the folder taken. */
  note(url: string): Promise<void>;
}

const FILE = "server.lock";

/**
 * Takes a data folder for this process, until disposed of. The system lets go of it when the process ends, however
 * that ends, so that none is ever left behind. The file stays: removing it could split the lock in two.
 *
 * @throws {CodedError} `DATA_IN_USE`
 */
export async function lockData(folder: string): Promise<DataLock> {
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, FILE);
  const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
  try {
    if (!await file.tryLock(true)) throw inUse(folder, await Deno.readTextFile(path));
    await rewrite(file, { pid: Deno.pid });
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    note: (url) => rewrite(file, { pid: Deno.pid, url }),
    [Symbol.dispose]: () => file.close(),
  };
}

async function rewrite(file: Deno.FsFile, value: unknown): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  await file.truncate();
  await file.seek(0, Deno.SeekMode.Start);
  let at = 0;
  while (at < bytes.length) at += await file.write(bytes.subarray(at));
}

function inUse(folder: string, text: string): CodedError {
  return new CodedError(
    "DATA_IN_USE",
    `Cannot use "${folder}" as the data of this server: another one works on it${whoOf(text)}`,
    { fix: "Stop it, or: pd serve --data another-folder --address 127.0.0.1:9010" },
  );
}

function whoOf(text: string): string {
  try {
    const { pid, url } = JSON.parse(text);
    const at = typeof url === "string" ? ` at ${url}` : "";
    return typeof pid === "number" ? `, process ${pid}${at}` : "";
  } catch {
    return "";
  }
}
