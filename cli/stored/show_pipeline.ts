import { fromStored } from "../../engine/pipelines/mod.ts";
import type { Cli } from "../cli.ts";
import { openRunStorage } from "../open_run_storage.ts";
import { shownBytes } from "../shown_bytes.ts";
import { formatMoment, padEnd, printable } from "../terminal/mod.ts";
import { findStored } from "./find_stored.ts";
import { recordJson } from "./record_json.ts";

/** What `pd pipelines show` was asked. */
export interface ShowPipelineRequest {
  readonly name: string;
  readonly version: number | undefined;
  /** The code alone. */
  readonly code: boolean;
  readonly storage: string | undefined;
}

/** Prints what is known of a version, or its code. */
export async function showPipeline(cli: Cli, request: ShowPipelineRequest): Promise<void> {
  const { io, out } = cli;
  await using at = await openRunStorage(request.storage, io);
  const stored = await findStored(request.name, at, request.version);
  const files = Object.entries(stored.files).sort(([a], [b]) => a < b ? -1 : 1);
  const json = {
    storage: at.address,
    ...recordJson(stored),
    files: request.code
      ? stored.files
      : Object.fromEntries(files.map(([path, text]) => [path, { bytes: sizeOf(text) }])),
  };
  if (request.code) return out.result(codeOf(files), json);
  const { dim } = out.colors;
  const fields: [string, string][] = [
    ["id", stored.id],
    ["version", String(stored.version)],
    ["stored", formatMoment(stored.createdAt)],
    ["driver", stored.driver ?? ""],
    ["source", stored.source],
    ["hash", stored.hash],
    ...files.map(([path, text], index): [string, string] => [
      index === 0 ? "files" : "",
      `${path}  ${shownBytes(sizeOf(text))}`,
    ]),
  ];
  const lines = fields.filter(([, value]) => value !== "")
    .map(([label, value]) => `  ${dim(padEnd(label, 8))} ${printable(value)}`);
  out.result([`${out.colors.bold(stored.name)}  ${stored.kind}`, ...lines].join("\n"), json);
}

/** One file as it is; several below their names. */
function codeOf(files: readonly (readonly [string, string])[]): string {
  const [only] = files;
  if (files.length === 1 && only !== undefined) return only[1];
  return files.map(([path, text]) => `// ${path}\n${text}`).join("\n");
}

function sizeOf(text: string): number {
  return fromStored(text).length;
}
