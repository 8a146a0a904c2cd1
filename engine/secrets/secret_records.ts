import { damaged } from "./envelope.ts";
import type { SecretScope } from "./secrets_backend.ts";

/** One secret. */
export interface SecretRecord {
  readonly scope: SecretScope;
  readonly key: string;
  readonly value: string;
}

/** The length of the file shall not tell the lengths of the secrets, so it grows in steps. */
const STEP_BYTES = 1024;
const SPACE = 0x20;

/** As JSON `[[pipeline or null, key, value], …]` in UTF-8, filled up with spaces. Lone surrogates are escaped. */
export function encodeRecords(records: readonly SecretRecord[]): Uint8Array<ArrayBuffer> {
  const rows = records.map(({ scope, key, value }) => [scope?.pipeline ?? null, key, value]);
  const bytes = new TextEncoder().encode(JSON.stringify(rows));
  const padded = new Uint8Array(Math.ceil(bytes.length / STEP_BYTES) * STEP_BYTES).fill(SPACE);
  padded.set(bytes);
  bytes.fill(0);
  return padded;
}

/** @throws {CodedError} `SECRETS_DAMAGED`; never with anything of the content */
export function decodeRecords(bytes: Uint8Array, path: string): readonly SecretRecord[] {
  let rows: unknown;
  try {
    rows = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    rows = undefined;
  }
  if (!Array.isArray(rows)) throw damaged(path, "its content is no list of secrets");
  return rows.map((row: unknown) => {
    const [pipeline, key, value] = Array.isArray(row) ? row : [];
    const isRecord = (pipeline === null || typeof pipeline === "string") &&
      typeof key === "string" && typeof value === "string";
    if (!isRecord) throw damaged(path, "its content is no list of secrets");
    return { scope: pipeline === null ? undefined : { pipeline }, key, value };
  });
}
