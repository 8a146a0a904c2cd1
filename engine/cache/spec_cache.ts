import type { WorkflowSpec } from "../spec/mod.ts";

/** Raised when what is kept changes its shape. */
const FORMAT = 1;
/** Specs kept at the most; the oldest go first. */
const MAX_ENTRIES = 200;
/** Where the code is that reads workflows. */
const READER = ["../spec/", "../units/"].map((path) => new URL(path, import.meta.url));

/**
 * Keeps what a workflow.yaml without any problem was read to, by the text of the file. Reading needs the YAML and
 * schema libraries, which take most of the time until a short run's first node; what comes of the
 * same text, by the same reader, is always the same. Where the folder cannot be used, nothing is kept and
 * nothing fails.
 */
export class SpecCache {
  readonly #dir: string;

  /** @param cacheDir pd's own; its folder `specs` is made, with mode 0700, when the first one is kept. */
  constructor(cacheDir: string) {
    this.#dir = `${cacheDir}/specs`;
  }

  /** The spec of that text, when one is kept. */
  async get(text: string): Promise<WorkflowSpec | undefined> {
    try {
      return JSON.parse(await Deno.readTextFile(await this.#pathOf(text)));
    } catch {
      return undefined;
    }
  }

  /** Keeps the spec of that text. */
  async put(text: string, spec: WorkflowSpec): Promise<void> {
    try {
      const path = await this.#pathOf(text);
      await Deno.mkdir(this.#dir, { recursive: true, mode: 0o700 });
      const draft = `${path}.${Deno.pid}`;
      await Deno.writeTextFile(draft, JSON.stringify(spec), { mode: 0o600 });
      await Deno.rename(draft, path);
      await this.#prune();
    } catch {
      // The folder is full or closed to us: the next run reads the file again.
    }
  }

  async #pathOf(text: string): Promise<string> {
    const bytes = new TextEncoder().encode(`${FORMAT}\n${await readerStamp()}\n${text}`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return `${this.#dir}/${digest.toHex()}.json`;
  }

  async #prune(): Promise<void> {
    const names = await Array.fromAsync(Deno.readDir(this.#dir), ({ name }) => name);
    if (names.length <= MAX_ENTRIES) return;
    const entries = await Promise.all(names.map(async (name) => ({
      name,
      at: (await Deno.stat(`${this.#dir}/${name}`)).mtime?.getTime() ?? 0,
    })));
    entries.sort((a, b) => a.at - b.at);
    for (const { name } of entries.slice(0, entries.length - MAX_ENTRIES)) {
      await Deno.remove(`${this.#dir}/${name}`);
    }
  }
}

/** Changes whenever the code that reads workflows does: with an update of pd, and while it is written. */
async function readerStamp(): Promise<string> {
  const stamps = await Promise.all(READER.map(async (folder) => {
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    return await Promise.all(
      names.sort().map(async (name) => {
        const { size, mtime } = await Deno.stat(new URL(name, folder));
        return `${name}:${size}:${mtime?.getTime()}`;
      }),
    );
  }));
  return stamps.flat().join();
}
