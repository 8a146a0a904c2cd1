import type { HttpExchange, HttpMode } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import {
  isRecordingFile,
  listRecordings,
  MAX_RECORDING_BYTES,
  MAX_RECORDINGS,
} from "./load_recordings.ts";
import { decodeRecording, encodeRecording, type Recording } from "./recording.ts";
import { requestKey } from "./request_match.ts";
import { scrubExchange, type TextRedactor } from "./scrub.ts";

const MAX_SLUG_LENGTH = 60;

/** Records what nodes ask and are answered. Disposing it before `finish` leaves the folder as it was. */
export type Recorder = HttpMode & { readonly kind: "record" } & AsyncDisposable & {
  /**
   * Puts the recordings in place of those of earlier runs, and answers how many there are. Files that
   * are no recordings stay. When nothing was recorded the folder stays as it is.
   */
  finish(): Promise<number>;
};

/**
 * Records every exchange into `folder`, one readable JSON file each, named by order, service, method and
 * path: `001-hn-get-v0-topstories.json`. Secrets are removed first: request headers are not kept, response headers only
 * when harmless, and URLs and bodies pass `redactor` and lose what is named like a secret.
 *
 * The files are written beside the folder as they come, and take its place on `finish`. A request that was
 * recorded before keeps its place in the order, so that recording anew changes only what changed.
 */
export function recordTo(folder: string, redactor: TextRedactor): Recorder {
  const staging = `${folder.replace(/\/+$/, "")}.recording`;
  const taken: Staged[] = [];
  let lastWrite: Promise<void> = Promise.resolve();

  async function write(recording: Recording): Promise<void> {
    if (taken.length === MAX_RECORDINGS) {
      throw new CodedError(
        "RECORDING_INVALID",
        `Cannot record "${recording.exchange.url}" as one of at most ${MAX_RECORDINGS} exchanges`,
        { fix: "Record a run that asks for less, by its input" },
      );
    }
    const text = encodeRecording(recording);
    if (text.length > MAX_RECORDING_BYTES) {
      throw new CodedError(
        "RECORDING_INVALID",
        `Cannot record "${recording.exchange.url}" as a file of at most 16 MiB: it has ${text.length} characters`,
        { fix: "Record a run that asks for less, by its input" },
      );
    }
    if (taken.length === 0) await recreate(staging);
    const file = `${staging}/${taken.length}.json`;
    taken.push({ file, identity: identityOf(recording), slug: slugOf(recording.exchange) });
    await Deno.writeTextFile(file, text);
  }

  return {
    kind: "record",
    save(exchange: HttpExchange, node: string): Promise<void> {
      const recording = { node, exchange: scrubExchange(exchange, redactor) };
      const written = lastWrite.then(() => write(recording));
      lastWrite = written.catch(() => {});
      return written;
    },
    async finish(): Promise<number> {
      await lastWrite;
      if (taken.length === 0) return 0;
      const ordered = keepOrder(taken, await identitiesIn(folder));
      for (const [index, { file, slug }] of ordered.entries()) {
        const order = String(index + 1).padStart(3, "0");
        await Deno.rename(file, `${staging}/${order}-${slug}.json`);
      }
      await replaceFolder(folder, staging);
      return taken.splice(0).length;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await lastWrite;
      if (taken.length > 0) await removeFolder(staging);
    },
  };
}

interface Staged {
  readonly file: string;
  readonly identity: string;
  readonly slug: string;
}

/** Equal requests of one node are one identity; they keep the order in which they were made. */
function identityOf({ node, exchange }: Recording): string {
  const { target, body } = requestKey(exchange);
  return `${node} ${target} ${body}`;
}

/** Requests known from an earlier recording first, in its order; new ones after them, as they came. */
function keepOrder(taken: readonly Staged[], earlier: readonly string[]): Staged[] {
  const places = new Map<string, number[]>();
  for (const [place, identity] of earlier.entries()) {
    places.set(identity, [...places.get(identity) ?? [], place]);
  }
  return taken
    .map((staged) => ({ staged, place: places.get(staged.identity)?.shift() ?? Infinity }))
    .sort((a, b) => a.place === b.place ? 0 : a.place - b.place)
    .map(({ staged }) => staged);
}

/** The requests of an earlier recording in its order. Broken files have none: they are about to go. */
async function identitiesIn(folder: string): Promise<string[]> {
  const identities: string[] = [];
  for (const name of await listRecordings(folder)) {
    try {
      const text = await Deno.readTextFile(`${folder}/${name}`);
      identities.push(identityOf(decodeRecording(text, name)));
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
    }
  }
  return identities;
}

/** Two renames: whoever reads meanwhile finds the old files, the new ones, or for a moment none. */
async function replaceFolder(folder: string, staging: string): Promise<void> {
  const place = await Deno.realPath(folder).catch(() => undefined);
  if (place === undefined) return await Deno.rename(staging, folder);
  for await (const entry of Deno.readDir(place)) {
    if (isRecordingFile(entry.name)) continue;
    await Deno.rename(`${place}/${entry.name}`, `${staging}/${entry.name}`);
  }
  const previous = `${place}.previous`;
  await removeFolder(previous);
  await Deno.rename(place, previous);
  await Deno.rename(staging, place);
  await removeFolder(previous);
}

async function recreate(folder: string): Promise<void> {
  await removeFolder(folder);
  await Deno.mkdir(folder, { recursive: true });
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** `hn-get-v0-topstories`: lower case letters, digits and dashes. */
function slugOf({ service, method, url }: HttpExchange): string {
  const { hostname, pathname, search } = new URL(url);
  const path = pathname.replace(/\.json$/, "");
  return `${service ?? hostname} ${method} ${path} ${search}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^-+|-+$/g, "");
}
