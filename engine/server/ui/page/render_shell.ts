import type { ClientFile, ClientFiles } from "./client_files.ts";
import { ASSETS, importMap } from "./import_map.ts";

/** The page's HTML, and what it may load. */
export interface Shell extends ClientFile {
  /** Of `Content-Security-Policy`: its own files, and the one inline script that is data, by its hash. */
  readonly policy: string;
}

/** What the server knows of a sign-in: nobody needs one, no cookie came, or one that the API will check. */
export type SessionHint = "open" | "none" | "cookie";

/** Makes the page that all addresses below `/ui/` answer; its client fills it. */
export async function renderShell(
  { version, byPath }: ClientFiles,
  { session }: { readonly session: SessionHint },
): Promise<Shell> {
  const base = `${ASSETS}/${version}`;
  const map = importMap(version);
  const paths = [...byPath.keys()];
  const styles = paths.filter((path) => path.endsWith(".css"));
  // Of a module of types alone nothing is left.
  const modules = [...byPath].filter(([path, { body }]) =>
    /\.[jt]s$/.test(path) && path !== EARLY && body.some((byte) => byte > 32)
  ).map(([path]) => path);
  const html = `<!doctype html>
<html lang="en" data-session="${session}">
<head>
<meta charset="utf-8">
<title>Pipedreamer</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${base}/icon.svg" type="image/svg+xml">
<script src="${base}/${EARLY}"></script>
${styles.map((path) => `<link rel="stylesheet" href="${base}/${path}">`).join("\n")}
<script type="importmap">${map}</script>
${modules.map((path) => `<link rel="modulepreload" href="${base}/${path}">`).join("\n")}
<script type="module" src="${base}/main.ts"></script>
</head>
<body>
<div id="app"></div>
<noscript><p class="noscript">This page needs JavaScript. The same is to be had by the
<a href="/api/v1/docs">API</a>.</p></noscript>
</body>
</html>
`;
  const body = new TextEncoder().encode(html);
  return {
    type: "text/html; charset=utf-8",
    etag: `"${(await sha256(html)).toHex().slice(0, 32)}"`,
    body,
    policy: policyOf((await sha256(map)).toBase64()),
  };
}

/** Runs before anything is painted. */
const EARLY = "early.ts";

function policyOf(mapHash: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${mapHash}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
