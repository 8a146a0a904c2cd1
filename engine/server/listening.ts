import { CodedError } from "../errors/mod.ts";

/** A client that does not read its answer is not waited for any longer than this, once the runs are over. */
export const LINGER_MS = 2000;

/** An address that a person can click: every address is no address. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "[::]") return "localhost";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** Why a server does not listen there. */
export function cannotListen(cause: unknown, host: string, port: number): Error {
  if (cause instanceof Deno.errors.AddrInUse) {
    return new CodedError(
      "ADDRESS_IN_USE",
      `Cannot listen on "${host}:${port}" as a server: another program does already`,
      { fix: `--port ${port < 65535 ? port + 1 : 8080}`, cause },
    );
  }
  const state = cause instanceof Deno.errors.PermissionDenied
    ? "ports below 1024 need more rights"
    : cause instanceof Error
    ? cause.message
    : String(cause);
  return new CodedError("USAGE", `Cannot listen on "${host}:${port}" as a server: ${state}`, {
    fix: "--host 127.0.0.1 --port 8080",
    cause,
  });
}
