import { createHmac, scrypt } from "node:crypto";
import type { KeyParams } from "./envelope.ts";

/** What a key and a salt become. */
export interface DerivedKey {
  /** For AES-256. */
  readonly encryption: Uint8Array;
  /** Stands in the file, so that a wrong key is told from a damaged file. It says nothing of the other half. */
  readonly check: Uint8Array;
}

export const CHECK_BYTES = 16;
const KEY_BYTES = 32;

/** Derives with scrypt (RFC 7914), which takes time and memory on purpose: 32 MiB for N = 2^15, r = 8. */
export async function deriveKey(material: Uint8Array, params: KeyParams): Promise<DerivedKey> {
  const { logN, r, p, salt } = params;
  const N = 2 ** logN;
  const derived = await new Promise<Uint8Array>((resolve, reject) => {
    scrypt(material, salt, 2 * KEY_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
  const check = createHmac("sha256", derived.subarray(KEY_BYTES)).update("pd-secrets key check");
  return {
    encryption: derived.slice(0, KEY_BYTES),
    check: check.digest().subarray(0, CHECK_BYTES),
  };
}
