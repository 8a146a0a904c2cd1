import type { CollectedFile } from "../drivers/mod.ts";
import type { NodeOutcome } from "../executor/mod.ts";
import type { ErrorCode } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { formatBytes } from "../spec/mod.ts";

/** What a program that ended well has left as its node's output. */
export interface Written {
  readonly node: string;
  /** Of `PD_OUTPUT_FILE`, when it made that. */
  readonly file: CollectedFile | undefined;
  readonly stdout: { readonly bytes: Uint8Array; readonly totalBytes: number };
  readonly maxBytes: number;
}

/** The JSON of the output file; without one what was written to stdout, parsed when it is JSON. */
export function nodeOutput({ node, file, stdout, maxBytes }: Written): NodeOutcome {
  if (file !== undefined) {
    const { bytes } = file;
    if (file.isTruncated || bytes.length > maxBytes) {
      return tooLarge(node, "PD_OUTPUT_FILE", maxBytes);
    }
    return fromFile(node, bytes);
  }
  if (stdout.totalBytes > maxBytes) return tooLarge(node, "stdout", maxBytes);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout.bytes);
  const value = parsed(text);
  return { status: "succeeded", output: value === undefined ? text.replace(/\r?\n$/, "") : value };
}

function fromFile(node: string, bytes: Uint8Array): NodeOutcome {
  let state: string;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.trim() !== "") return { status: "succeeded", output: JSON.parse(text) };
    state = "it is empty";
  } catch (error) {
    // A syntax error quotes the text, which may hold secrets: redaction sees to that.
    state = error instanceof SyntaxError ? error.message : "it is not UTF-8";
  }
  return failed(
    "NODE_OUTPUT_INVALID",
    `Cannot use the output of node "${node}" as the file of PD_OUTPUT_FILE must be JSON: ${state}`,
    `Write JSON there (text in quotes: printf '"%s"' done), or leave it alone and print to stdout`,
  );
}

/** `undefined` for what is no JSON. */
function parsed(text: string): JsonValue | undefined {
  // Anything else cannot be JSON, and may be long.
  if (!/^\s*(?:[[{"\-0-9]|true|false|null)/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tooLarge(node: string, what: string, maxBytes: number): NodeOutcome {
  return failed(
    "NODE_OUTPUT_TOO_LARGE",
    `Cannot use the output of node "${node}" as config.max_output is ${formatBytes(maxBytes)}: ` +
      `${what} has more`,
    what === "stdout"
      ? `Write the result to "$PD_OUTPUT_FILE": stdout is the log then, of any size`
      : "Leave the data in the workspace and output its path, or raise config.max_output in workflow.yaml",
  );
}

function failed(code: ErrorCode, message: string, fix: string): NodeOutcome {
  return { status: "failed", error: { code, message, fix }, retry: { kind: "never" } };
}
