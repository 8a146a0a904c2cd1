import { CodedError } from "../errors/mod.ts";
import { decodeRecording, type Recording, workflowFolder } from "./recording.ts";

/** Largest file of a recording, in bytes. */
export const MAX_RECORDING_BYTES = 16 * 1024 * 1024;
/** Most recordings in a folder. */
export const MAX_RECORDINGS = 10_000;

/** Where recordings live, relative to the workflow folder. */
export const RECORDINGS_FOLDER = "testdata/http";

const RECORDING_FILE = /^\d{3,}-.*\.json$/;

/** Whether a file's name is that of a recording: `001-hn-get-v0-topstories.json`. */
export function isRecordingFile(name: string): boolean {
  return RECORDING_FILE.test(name);
}

/** The names of the recordings in a folder, in recorded order. None when there is no such folder. */
export async function listRecordings(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.isDirectory && isRecordingFile(entry.name)) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (names.length > MAX_RECORDINGS) {
    throw new CodedError(
      "RECORDING_INVALID",
      `Cannot replay "${folder}" as at most ${MAX_RECORDINGS} recordings: it holds ${names.length}`,
      { fix: `pd run ${workflowFolder(folder)} --record` },
    );
  }
  return names.sort((a, b) => parseInt(a) - parseInt(b) || (a < b ? -1 : 1));
}

/**
 * Reads every recording of a folder, in recorded order.
 *
 * @throws {CodedError} `RECORDING_INVALID`, with file and place
 */
export async function loadRecordings(folder: string): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const name of await listRecordings(folder)) {
    recordings.push(await readRecording(`${folder}/${name}`));
  }
  return recordings;
}

/** @throws {CodedError} `RECORDING_INVALID` */
async function readRecording(path: string): Promise<Recording> {
  const { size } = await Deno.stat(path);
  if (size > MAX_RECORDING_BYTES) {
    throw new CodedError(
      "RECORDING_INVALID",
      `Cannot replay "${path}" as a recording of at most 16 MiB: it has ${size} bytes`,
      { fix: `Shorten ${path}` },
    );
  }
  return decodeRecording(await Deno.readTextFile(path), path);
}
