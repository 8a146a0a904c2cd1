import { DriverError } from "../driver_error.ts";
import type { DriverAddress } from "../driver_address.ts";

/** Where a Docker Engine API is served. */
export type Endpoint =
  | { readonly transport: "unix"; readonly path: string }
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number };

/** What the search for a socket may ask its surroundings. */
export interface EndpointSurroundings {
  readonly env: (name: string) => string | undefined;
  readonly uid: number | undefined;
  exists(path: string): Promise<boolean>;
}

/** Docker's own port for plain TCP. */
const TCP_PORT = 2375;

/**
 * The endpoint of an address: its target; else `DOCKER_HOST` (`CONTAINER_HOST` for Podman); else the first
 * socket that exists where the engine puts it, and its main one when none does.
 *
 * @throws {DriverError} `DRIVER_INVALID` for TLS, SSH and what cannot be read
 */
export async function findEndpoint(
  address: Pick<DriverAddress, "driver" | "target">,
  surroundings: EndpointSurroundings,
): Promise<Endpoint> {
  const { env } = surroundings;
  if (address.target) return parseEndpoint(address.target, address.driver);
  const variable = address.driver === "podman" ? "CONTAINER_HOST" : "DOCKER_HOST";
  const host = env(variable);
  if (host) {
    if (host.startsWith("tcp://") && env("DOCKER_TLS_VERIFY")) throw needsTls(host);
    return parseEndpoint(host, variable);
  }
  const paths = socketPaths(address.driver, surroundings);
  for (const path of paths) {
    if (await surroundings.exists(path)) return { transport: "unix", path };
  }
  return { transport: "unix", path: paths[0] ?? "/var/run/docker.sock" };
}

/** The main one first. */
function socketPaths(driver: string, { env, uid }: EndpointSurroundings): string[] {
  const runtimeDir = env("XDG_RUNTIME_DIR") ?? (uid === undefined ? undefined : `/run/user/${uid}`);
  const home = env("HOME");
  if (driver === "podman") {
    const rootless = runtimeDir === undefined ? [] : [`${runtimeDir}/podman/podman.sock`];
    const rootful = "/run/podman/podman.sock";
    return uid === 0 ? [rootful, ...rootless] : [...rootless, rootful];
  }
  return [
    "/var/run/docker.sock",
    ...runtimeDir === undefined ? [] : [`${runtimeDir}/docker.sock`],
    ...home === undefined ? [] : [`${home}/.docker/run/docker.sock`],
  ];
}

function parseEndpoint(text: string, source: string): Endpoint {
  if (text.startsWith("/")) return { transport: "unix", path: text };
  const { scheme, rest } = /^(?:(?<scheme>[a-z]+):\/\/)?(?<rest>.*)$/.exec(text)?.groups ?? {};
  if (scheme === "unix") return { transport: "unix", path: rest ?? "" };
  if (scheme === "https") throw needsTls(text);
  if (scheme === undefined || scheme === "tcp" || scheme === "http") {
    const url = URL.parse(`http://${rest}`);
    if (url !== null && url.hostname !== "" && url.pathname === "/" && url.username === "") {
      const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
      const port = url.port === "" ? portOf(rest ?? "") : Number(url.port);
      return { transport: "tcp", hostname, port };
    }
  }
  throw new DriverError(
    "DRIVER_INVALID",
    `Cannot read the address of ${source} as a socket or host:port: "${text}"`,
    { fix: "docker:///var/run/docker.sock, or DOCKER_HOST=unix:///var/run/docker.sock" },
  );
}

/** URLs drop port 80 as their default. */
function portOf(rest: string): number {
  return rest.replace(/\/$/, "").endsWith(":80") ? 80 : TCP_PORT;
}

function needsTls(text: string): DriverError {
  return new DriverError(
    "DRIVER_INVALID",
    `Cannot connect to "${text}" as TLS to a Docker daemon is not supported`,
    {
      fix:
        "ssh -NL /tmp/docker.sock:/var/run/docker.sock HOST, then --driver docker:///tmp/docker.sock",
    },
  );
}
