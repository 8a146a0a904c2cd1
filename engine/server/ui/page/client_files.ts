import { stripTypeScriptTypes } from "node:module";
import { extname } from "node:path";
import { PACKAGES } from "./import_map.ts";

/** A file as a browser gets it. */
export interface ClientFile {
  readonly type: string;
  /** Strong, with its quotes. */
  readonly etag: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** All files that the client is made of. */
export interface ClientFiles {
  /** Of all their contents: a change anywhere makes another one. */
  readonly version: string;
  readonly byPath: ReadonlyMap<string, ClientFile>;
}

const TYPES: { readonly [extension: string]: string } = {
  ".ts": "text/javascript; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Reads the client: modules without their types, so that nothing is built, and the packages' own modules. What is
 * in `client/` and is no test is a file of the page.
 */
export async function loadClientFiles(): Promise<ClientFiles> {
  const root = new URL("../client/", import.meta.url);
  const byPath = new Map<string, ClientFile>();
  const paths = (await listFiles(root)).sort();
  for (const path of paths) {
    const text = await Deno.readTextFile(new URL(path, root));
    byPath.set(path, await fileOf(path, path.endsWith(".ts") ? stripTypeScriptTypes(text) : text));
  }
  for (const [specifier, path] of Object.entries(PACKAGES)) {
    const text = await Deno.readTextFile(new URL(import.meta.resolve(specifier)));
    byPath.set(path, await fileOf(path, text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n")));
  }
  const tags = [...byPath].map(([path, { etag }]) => `${path} ${etag}`).join("\n");
  return { version: (await digestOf(new TextEncoder().encode(tags))).slice(0, 12), byPath };
}

async function listFiles(root: URL, below = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(below, root))) {
    if (isDirectory) found.push(...await listFiles(root, `${below}${name}/`));
    else if (extname(name) in TYPES && !name.endsWith("_test.ts")) found.push(below + name);
  }
  return found;
}

async function fileOf(path: string, text: string): Promise<ClientFile> {
  const body = new TextEncoder().encode(text);
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  return { type, etag: `"${(await digestOf(body)).slice(0, 32)}"`, body };
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
