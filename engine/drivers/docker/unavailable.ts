import { DriverError } from "../driver_error.ts";
import type { Endpoint } from "./endpoint.ts";

/** What to tell when a daemon cannot be reached, or goes away in the middle of something. */
export function unavailable(driver: string, endpoint: Endpoint, cause: unknown): DriverError {
  const at = endpoint.transport === "unix"
    ? endpoint.path
    : `${endpoint.hostname}:${endpoint.port}`;
  const { state, fix } = explain(driver, cause);
  return new DriverError("DRIVER_UNAVAILABLE", `Cannot use "${driver}" at ${at} as ${state}`, {
    fix,
    cause,
  });
}

function explain(driver: string, cause: unknown): { state: string; fix: string } {
  const start = driver === "podman"
    ? "systemctl --user start podman.socket, or --driver native"
    : "sudo systemctl start docker, or --driver native";
  if (cause instanceof Deno.errors.NotFound) {
    return { state: "its socket is not there: it is not installed or does not run", fix: start };
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    const fix = driver === "podman"
      ? start
      : "sudo usermod -aG docker $USER and log in again, or --driver native";
    return { state: "this user may not open its socket", fix };
  }
  if (cause instanceof Deno.errors.ConnectionRefused) {
    return { state: "nobody answers: it does not run", fix: start };
  }
  return {
    state: `the connection broke: ${cause instanceof Error ? cause.message : cause}`,
    fix: start,
  };
}
