import { join } from "node:path";
import type { HttpMode } from "../engine/context/mod.ts";

/** Where the requests of nodes go, and what is to be done when the run is over. */
export interface OpenHttp extends AsyncDisposable {
  readonly mode: HttpMode;
  /** Keeps what was recorded; how many exchanges that were. 0 when nothing is recorded. */
  finish(): Promise<number>;
}

/** What the flags ask for. */
export interface HttpFlags {
  readonly replay: boolean;
  readonly record: boolean;
  /** `--secrets`, absolute. Recordings are cleaned of them. */
  readonly secretsPath: string | undefined;
  /** Secrets that other flags gave, of which recordings are cleaned too. */
  readonly secretValues?: { readonly [key: string]: string } | undefined;
}

/**
 * Opens the way of HTTP for a workflow folder: live, answered from `testdata/http`, or recorded there.
 *
 * @throws {PdError} `RECORDING_INVALID`, `SECRETS_INVALID`, `SECRETS_NOT_FOUND`
 */
export async function openHttp(dir: string, flags: HttpFlags): Promise<OpenHttp> {
  if (!flags.replay && !flags.record) return withoutRecording({ kind: "live" });
  // Computed, as the runtime loads what an import names literally, also when it is never made.
  const { RECORDINGS_FOLDER, recordTo, replayFrom }: typeof import("../engine/testing/mod.ts") =
    await import(new URL("../engine/testing/mod.ts", import.meta.url).href);
  const folder = join(dir, RECORDINGS_FOLDER);
  if (flags.replay) return withoutRecording(replayFrom(folder));
  const { createRedactor, loadSecrets } = await import("../engine/context/mod.ts");
  const { secrets } = await loadSecrets({
    dir,
    ...(flags.secretsPath === undefined ? {} : { path: flags.secretsPath }),
  });
  const values = Object.entries(flags.secretValues ?? {});
  const given = Object.fromEntries(
    values.map(([key, value]) => [key, { ...secrets[key], value }]),
  );
  const recorder = recordTo(folder, createRedactor({ ...secrets, ...given }));
  return {
    mode: recorder,
    finish: () => recorder.finish(),
    [Symbol.asyncDispose]: () => recorder[Symbol.asyncDispose](),
  };
}

function withoutRecording(mode: HttpMode): OpenHttp {
  return {
    mode,
    finish: () => Promise.resolve(0),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
