import type { TaskFile, TaskSpec } from "../driver.ts";
import { isNotFound } from "./api_error.ts";
import type { ApiClient } from "./client.ts";
import { FILES_FOLDER } from "./files_folder.ts";
import { encodeImage } from "./images.ts";

/** What a variable may hold without being in the way of others. */
const MAX_BYTES = 32 * 1024;

/** A command that makes its own files before it begins, and the variables that hold their content. */
export interface InlinedFiles {
  readonly command: readonly string[];
  readonly env: { readonly [name: string]: string };
}

/**
 * Lets the shell of a task make the task's files: older daemons take 50 ms to put a file into a container, and a
 * shell takes 1 ms. Undefined where that does not go: there is no shell for sure, root does not run it, or the
 * files are large or no text.
 */
export async function inlineFiles(
  client: ApiClient,
  { command, files = [], user, image, pull }: TaskSpec,
): Promise<InlinedFiles | undefined> {
  if (command?.[0] !== "sh" || files.length === 0) return undefined;
  const texts = textsOf(files);
  if (texts === undefined || !image || pull === "always") return undefined;
  if (!isRoot(user ?? await userOf(client, image))) return undefined;
  const lines = [`mkdir -p -m 777 /${FILES_FOLDER} || exit`];
  const env: { [name: string]: string } = {};
  for (const [index, { name, text }] of texts.entries()) {
    const variable = `PD_FILE_${index}`;
    env[variable] = text;
    lines.push(`printf %s "$${variable}" > /${FILES_FOLDER}/${name} || exit`, `unset ${variable}`);
  }
  return { command: ["sh", "-c", [...lines, 'exec "$@"'].join("\n"), "sh", ...command], env };
}

function textsOf(files: readonly TaskFile[]): { name: string; text: string }[] | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const texts: { name: string; text: string }[] = [];
  let bytes = 0;
  for (const { name, content } of files) {
    if (content === undefined) continue;
    bytes += content.length;
    if (bytes > MAX_BYTES || content.includes(0)) return undefined;
    try {
      texts.push({ name, text: decoder.decode(content) });
    } catch {
      return undefined;
    }
  }
  return texts;
}

/** The user of an image's programs; undefined when the image is not there. */
async function userOf(client: ApiClient, image: string): Promise<string | undefined> {
  try {
    const { Config } = await client.ask<{ Config?: { User?: string } }>({
      method: "GET",
      path: `/images/${encodeImage(image)}/json`,
    });
    return Config?.User ?? "";
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function isRoot(user: string | undefined): boolean {
  return user !== undefined && ["", "0", "root"].includes(user.replace(/:.*/, ""));
}
