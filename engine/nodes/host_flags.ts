import { CodedError } from "../errors/mod.ts";
import { isCovered } from "./covered.ts";
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
  /** Folders of the engine that are another host's business: configurations, sockets of other rights. */
  readonly enginePaths: readonly string[];
  /** What this host may not write although a path above it is granted. */
  readonly keptPaths: readonly string[];
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
  const closed = places.enginePaths.filter((path) =>
    isCovered(path, [workflowDir, ...rights.read, ...rights.write])
  );
  const unread = [...places.secretPaths, ...closed];
  const unwritten = [...unread, ...places.keptPaths];
  if (unread.length > 0) flags.push(`--deny-read=${unread.map(plain).join(",")}`);
  if (unwritten.length > 0) flags.push(`--deny-write=${unwritten.map(plain).join(",")}`);
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
