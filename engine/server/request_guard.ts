import { CodedError } from "../errors/mod.ts";

/** Where the server listens, and under which names it may be called. */
export interface RequestGuardOptions {
  /** As it was bound: an address or a name. */
  readonly host: string;
  readonly port: number;
  /** Further names, `name` or `name:port`. When given, other names are refused on every address. */
  readonly hostnames: readonly string[];
}

/**
 * Whom a path is for. `own`: programs and pages of this machine, or of those that may reach the server.
 * `programs`: programs anywhere, by whatever name they call the server, and no browser at all.
 */
export type Audience = "own" | "programs";

/** Throws `FORBIDDEN_ORIGIN` for a request that a web page of another origin may have made. */
export type RequestGuard = (request: Request, audience?: Audience) => void;

/**
 * Makes the check that keeps web pages away: no page on the internet may start or read a run on
 * somebody's machine. Three roads are closed: a request that names another `Origin`, one that the
 * browser marks as coming from another site, and, against DNS rebinding, one for a name that this
 * server does not have. Programs send none of these headers but `Host`. A path for programs may be called
 * by any name, as a tunnel has one of its own; in return whatever a browser sent is refused there, the
 * server's own pages included, as under a rebound name a page of anybody's looks like one of them.
 */
export function createRequestGuard(options: RequestGuardOptions): RequestGuard {
  const names = allowedNames(options);
  return (request, audience = "own") => {
    const { headers } = request;
    if (audience === "programs") return refuseBrowsers(headers);
    const host = (headers.get("host") ?? new URL(request.url).host).toLowerCase();
    if (names !== undefined && !names.has(host)) {
      throw forbidden(
        `host "${host}" is not one of this server's`,
        `Use http://${[...names][0]}, or start the server with --host 0.0.0.0`,
      );
    }
    const origin = headers.get("origin");
    if (origin !== null && !isOwnOrigin(origin.toLowerCase(), host)) {
      throw forbidden(`origin "${origin}" is another one`, SAME_ORIGIN_FIX);
    }
    const site = headers.get("sec-fetch-site");
    if (site !== null && site !== "same-origin" && site !== "none") {
      throw forbidden(
        `the browser says that it comes from another page (${site})`,
        SAME_ORIGIN_FIX,
      );
    }
  };
}

function refuseBrowsers(headers: Headers): void {
  if (!headers.has("origin") && !headers.has("sec-fetch-site")) return;
  throw forbidden("a browser sent it, and this path is for programs", SAME_ORIGIN_FIX);
}

const SAME_ORIGIN_FIX =
  "Call the server from a program such as curl, or through a backend of your own";

/** `undefined` when any name will do: a server for other machines may have names it does not know. */
function allowedNames(
  { host, port, hostnames }: RequestGuardOptions,
): ReadonlySet<string> | undefined {
  const loopback = isLoopback(host);
  if (!loopback && hostnames.length === 0) return undefined;
  const names = ["localhost", "127.0.0.1", "[::1]"];
  if (loopback && !names.includes(host)) names.push(host.includes(":") ? `[${host}]` : host);
  const allowed = new Set<string>();
  for (const name of [...names, ...hostnames].map((name) => name.toLowerCase())) {
    const hasPort = /[^:\]]:\d+$|\]:\d+$/.test(name);
    allowed.add(hasPort ? name : `${name}:${port}`);
    // A browser leaves out the port of its scheme, and a proxy in front has a port of its own.
    if (port === 80 || (!hasPort && hostnames.includes(name))) allowed.add(name);
  }
  return allowed;
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`;
}

function forbidden(state: string, fix: string): CodedError {
  return new CodedError(
    "FORBIDDEN_ORIGIN",
    `Cannot answer this request as one of this server's own: ${state}`,
    { fix },
  );
}
