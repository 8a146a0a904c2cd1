import { CodedError } from "../errors/mod.ts";

/** `services` of workflow.yaml: what `ctx.fetch("<name>", …)` means. */
export type Services = { readonly [name: string]: { readonly url: string } };

/** Where a call goes, and whether that is the service it names. */
export interface ServiceUrl {
  readonly url: URL;
  /** True when the origins are the same: only then may the service's token go along. */
  readonly isService: boolean;
}

const SERVICE_NAME = /^[a-z0-9][a-z0-9-]*$/;
const ABSOLUTE = /^https?:\/\/[^/\\?#]/i;
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\x00-\x1f\x7f\\]|^\s|\s$/;

/**
 * The URL of a call to `service`. The result is parsed, never trusted as text: its origin decides
 * whether a token goes along.
 *
 * @throws {CodedError} `SERVICE_NAME`, `SERVICE_PATH`, `SPEC_VALUE` when `services.<name>.url` is no URL
 */
export function resolveServiceUrl(service: string, path: string, services: Services): ServiceUrl {
  if (typeof service !== "string" || !SERVICE_NAME.test(service)) {
    throw new CodedError(
      "SERVICE_NAME",
      `Cannot call "${service}" as a service name has only a-z, 0-9 and "-": it has others`,
      {
        fix: `ctx.fetch("github", "/user"), with services: { github: { url: … } } in workflow.yaml`,
      },
    );
  }
  const base = baseUrl(service, services);
  const problem = pathProblem(path);
  if (problem !== undefined) throw pathError(service, path, problem);
  if (path.startsWith("/")) return { url: relativeUrl(service, path, base), isService: true };

  const url = parse(path);
  if (url === undefined) throw pathError(service, path, "it is no valid URL");
  if (url.username !== "" || url.password !== "") {
    throw pathError(service, path, "it holds a user name or a password");
  }
  return { url, isService: url.origin === base.origin };
}

function baseUrl(service: string, services: Services): URL {
  const text = Object.hasOwn(services, service)
    ? services[service]?.url ?? ""
    : `https://api.${service}.com`;
  const url = parse(text);
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new CodedError(
      "SPEC_VALUE",
      `Cannot call "${service}" as services.${service}.url must be an http(s) URL: it is not`,
      { fix: `In workflow.yaml: services: { ${service}: { url: https://api.${service}.com } }` },
    );
  }
  return url;
}

/** What is wrong with a path before anything is parsed, or `undefined`. */
function pathProblem(path: unknown): string | undefined {
  if (typeof path !== "string") return `it is ${path === null ? "null" : typeof path}`;
  if (FORBIDDEN.test(path)) {
    return "it holds a backslash, a control character, or space at an end";
  }
  if (path.startsWith("//")) return "it starts with two slashes, which name another host";
  if (!path.startsWith("/") && !ABSOLUTE.test(path)) return "it is neither";
  return undefined;
}

/** `path` below the service's URL, whose own path is kept and cannot be left by `..`. */
function relativeUrl(service: string, path: string, base: URL): URL {
  const root = base.pathname.replace(/\/+$/, "");
  const url = parse(base.origin + root + path);
  // The origin cannot differ as the path starts with a slash; if a parser ever disagrees, stop here.
  if (url === undefined || url.origin !== base.origin) {
    throw pathError(service, path, "it leads to another host");
  }
  const inside = root === "" || url.pathname === root || url.pathname.startsWith(`${root}/`);
  if (!inside || (root !== "" && hidesDotSegment(url.pathname))) {
    throw pathError(service, path, `it climbs out of ${base.origin}${root}`);
  }
  return url;
}

/** A server may decode `%2f` and then resolve the `..` beside it. */
function hidesDotSegment(pathname: string): boolean {
  if (!/%(?:2f|5c)/i.test(pathname)) return false;
  const decoded = pathname.replace(/%(?:2f|5c)/gi, "/").replace(/%2e/gi, ".");
  return /(?:^|\/)\.\.(?:\/|$)/.test(decoded);
}

function pathError(service: string, path: unknown, problem: string): CodedError {
  return new CodedError(
    "SERVICE_PATH",
    `Cannot call "${service}" at ${shown(path)} as a path starts with one "/" or is an absolute ` +
      `http(s) URL without credentials: ${problem}`,
    {
      fix: `ctx.fetch("${service}", "/path?query=value"), encoding values with encodeURIComponent`,
    },
  );
}

/** The path for a message: one line, short, and without what may be a password. */
function shown(path: unknown): string {
  const text = JSON.stringify(String(path)).replace(/\/\/[^/@]*@/g, "//***@");
  return text.length <= 120 ? text : `${text.slice(0, 117)}…"`;
}

function parse(text: string): URL | undefined {
  return URL.parse(text) ?? undefined;
}
