import { join } from "node:path";

/** Where a server keeps runs in its data folder, unless it is told otherwise. */
export function ownStorage(data: string): string {
  return `sqlite://${data.split("/").map(encodeURIComponent).join("/")}/runs.db`;
}

/** What a server keeps is nobody's source; its secret least of all. */
export async function keepOutOfGit(data: string): Promise<void> {
  try {
    await Deno.writeTextFile(join(data, ".gitignore"), "*\n", { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
