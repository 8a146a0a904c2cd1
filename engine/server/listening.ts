import { CodedError } from "../errors/mod.ts";

/** A client that does not read its answer is not waited for any longer than this, once the runs are over. */
export const LINGER_MS = 2000;

/** An address that a person can click: every address is no address. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "[::]") return "localhost";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** What to call in place of what did not listen, with another address in it. */
export type ListenFix = (host: string, port: number) => string;

/** For `pd serve`. */
export function addressFix(host: string, port: number): string {
  return `pd serve --address ${host}:${port}`;
}

function portFix(_host: string, port: number): string {
  return `--port ${port}`;
}

/** Why a server does not listen there. */
export function cannotListen(
  cause: unknown,
  host: string,
  port: number,
  fixOf: ListenFix = portFix,
): Error {
  if (cause instanceof Deno.errors.AddrInUse) {
    return new CodedError(
      "ADDRESS_IN_USE",
      `Cannot listen on "${host}:${port}" as a server: another program does already`,
      { fix: fixOf(host, port < 65535 ? port + 1 : 8080), cause },
    );
  }
  const state = cause instanceof Deno.errors.PermissionDenied
    ? "ports below 1024 need more rights"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  return new CodedError("USAGE", `Cannot listen on "${host}:${port}" as a server: ${state}`, {
    fix: fixOf === portFix ? "--host 127.0.0.1 --port 8080" : fixOf("127.0.0.1", 9009),
    cause,
  });
}

/**
 * Checks that `pd serve` can listen there, before it takes up runs: those would begin, and be given up at once.
 *
 * @throws {CodedError} `ADDRESS_IN_USE`, `USAGE` when the address is no address of this machine
 */
export function checkAddress(host: string, port: number): void {
  try {
    Deno.listen({ hostname: bareHost(host), port }).close();
  } catch (error) {
    throw cannotListen(error, host, port, addressFix);
  }
}

/** An address as the system takes it: IPv6 without its brackets. */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
