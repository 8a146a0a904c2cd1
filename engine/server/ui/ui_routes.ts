import { CodedError } from "../../errors/mod.ts";
import { errorResponse } from "../error_response.ts";
import type { GroupParts } from "../load_groups.ts";
import { readToken, type RouteGroup } from "../service/mod.ts";
import { type ClientFile, type ClientFiles, loadClientFiles } from "./page/client_files.ts";
import { ASSETS } from "./page/import_map.ts";
import { renderShell, type SessionHint, type Shell } from "./page/render_shell.ts";

/** What the page depends on. */
export interface UiOptions {
  /** Whether callers need a token: only then there is a sign-in. */
  readonly hasTokens: boolean;
}

/** A new version of the files has a new address. */
const FOR_EVER = "public, max-age=31536000, immutable";

/**
 * `/ui/`: the same page for every path below it, as its client finds its way by the address. Files of the client
 * are read and freed of their types when the first of them is asked for.
 */
export function uiRoutes({ hasTokens }: UiOptions): RouteGroup {
  let files: Promise<ClientFiles> | undefined;
  const shells = new Map<SessionHint, Promise<Shell>>();
  function loaded(): Promise<ClientFiles> {
    return files ??= loadClientFiles().catch((error) => {
      files = undefined;
      throw error;
    });
  }
  function rendered(session: SessionHint): Promise<Shell> {
    const known = shells.get(session);
    if (known !== undefined) return known;
    const shell = loaded().then((files) => renderShell(files, { session }));
    shells.set(session, shell);
    shell.catch(() => shells.delete(session));
    return shell;
  }
  return {
    routes: [
      { method: "GET", path: "/", scope: "public", handle: () => redirect("/ui/") },
      { method: "GET", path: "/ui", scope: "public", handle: () => redirect("/ui/") },
      {
        method: "GET",
        path: `${ASSETS}/:version/*`,
        scope: "public",
        async handle(request, { params }) {
          const { pathname } = new URL(request.url);
          const { version, byPath } = await loaded();
          const path = pathname.slice(`${ASSETS}/${params["version"]}/`.length);
          const file = params["version"] === version ? byPath.get(path) : undefined;
          if (file === undefined) throw noSuchFile(pathname);
          return fileResponse(request, file, FOR_EVER);
        },
      },
      {
        method: "GET",
        path: "/ui/*",
        scope: "public",
        async handle(request) {
          const { policy, ...page } = await rendered(
            !hasTokens ? "open" : readToken(request.headers).token === "" ? "none" : "cookie",
          );
          const response = fileResponse(request, page, "no-cache");
          response.headers.set("content-security-policy", policy);
          response.headers.set("vary", "Cookie, Authorization");
          return response;
        },
      },
    ],
    answerError: (error) => errorResponse(error),
  };
}

/** The group, as a server loads it. */
export function createGroup({ issueToken }: Pick<GroupParts, "issueToken">): RouteGroup {
  return uiRoutes({ hasTokens: issueToken !== undefined });
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } });
}

function fileResponse({ headers }: Request, file: ClientFile, cacheControl: string): Response {
  const { type, etag, body } = file;
  // A proxy or the server itself may have compressed it, and says so by a weak one.
  const known = headers.get("if-none-match")?.split(",").map((tag) =>
    tag.trim().replace(/^W\//, "")
  );
  const answer = { "cache-control": cacheControl, etag };
  if (known?.includes(etag)) return new Response(null, { status: 304, headers: answer });
  return new Response(body, { headers: { ...answer, "content-type": type } });
}

function noSuchFile(path: string): CodedError {
  return new CodedError(
    "NOT_FOUND",
    `Cannot find "${path}" as a file of the page: this version has none of that name`,
    { fix: "Load the page again: GET /ui/" },
  );
}
