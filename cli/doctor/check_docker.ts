import type { CheckEnv, Finding } from "./check.ts";

const DEFAULT_SOCKET = "/var/run/docker.sock";

/** Does a Docker engine listen on its socket? */
export async function checkDocker(host: CheckEnv): Promise<Finding> {
  const address = host.env("DOCKER_HOST") ?? `unix://${DEFAULT_SOCKET}`;
  if (!address.startsWith("unix://")) {
    return { status: "ok", detail: `DOCKER_HOST points to ${address}` };
  }
  const path = address.slice("unix://".length);
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return { status: "ok", detail: `listens at ${path}` };
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      return {
        status: "warn",
        detail: `${path} is there, but not for this user`,
        fix: "sudo usermod -aG docker $USER",
      };
    }
    return {
      status: "warn",
      detail: `nothing listens at ${path}; code nodes run without it`,
      fix: "sudo systemctl start docker",
    };
  }
}
