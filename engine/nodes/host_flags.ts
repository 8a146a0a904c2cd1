import { CodedError } from "../errors/mod.ts";
import type { Rights } from "./rights.ts";

/** Where a host's files are. */
export interface HostPlaces {
  readonly workflowDir: string;
  /** Generated configuration with the import map. */
  readonly configPath: string;
  /** Socket of the engine; the host gives up its right to it after connecting. */
  readonly socketPath: string;
  /** Files and folders that no node may read. */
  readonly secretPaths: readonly string[];
}

const MEBIBYTE = 1024 * 1024;
/** What the runtime itself needs beside the JavaScript heap. */
const RUNTIME_MEBIBYTES = 64;
const LEAST_HEAP_MEBIBYTES = 32;

/**
 * The command line that locks a host to `rights`: plain flags of `deno run`.
 *
 * @throws {CodedError} `SPEC_VALUE` for a path with a comma
 */
export function hostFlags(rights: Rights, places: HostPlaces): string[] {
  const { socketPath, workflowDir } = places;
  const flags = [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--cached-only",
    "--no-lock",
    "--ignore-env",
    `--config=${places.configPath}`,
    rights.net === "any"
      ? "--allow-net"
      : `--allow-net=${[...rights.net, `unix:${socketPath}`].map(plain).join(",")}`,
    `--allow-read=${[workflowDir, ...rights.read, socketPath].map(plain).join(",")}`,
    `--allow-write=${[...rights.write, socketPath].map(plain).join(",")}`,
  ];
  if (places.secretPaths.length > 0) {
    const denied = places.secretPaths.map(plain).join(",");
    flags.push(`--deny-read=${denied}`, `--deny-write=${denied}`);
  }
  const heap = Math.floor(rights.memoryBytes / MEBIBYTE) - RUNTIME_MEBIBYTES;
  flags.push(`--v8-flags=--max-old-space-size=${Math.max(heap, LEAST_HEAP_MEBIBYTES)}`);
  return flags;
}

/** The runtime splits these lists at commas and knows no way to escape one. */
function plain(value: string): string {
  if (!value.includes(",")) return value;
  throw new CodedError(
    "SPEC_VALUE",
    `Cannot grant "${value}" to a node as permission lists are split at commas: it holds one`,
    { fix: "Rename the folder or file so that its path has no comma" },
  );
}
