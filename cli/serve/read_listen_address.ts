import { UsageError } from "../usage_error.ts";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `127.0.0.1:9009`, `[::1]:9009`, `localhost:0` (a free port), or `:9009` (all addresses of the machine).
 *
 * @throws {UsageError}
 */
export function readListenAddress(text: string): ListenAddress {
  const [, host, port = ""] = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]*):(\d{1,5})$/i.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65535) {
    return { host: host === "" ? "0.0.0.0" : host, port: Number(port) };
  }
  throw new UsageError(
    `Cannot use --address "${text}" as it is a host and a port`,
    "--address 127.0.0.1:9009",
  );
}
