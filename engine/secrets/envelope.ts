import { timingSafeEqual } from "node:crypto";
import { CodedError } from "../errors/mod.ts";
import { CHECK_BYTES, type DerivedKey } from "./derive_key.ts";

/** How a key is derived; stands in the file. */
export interface KeyParams {
  /** The binary logarithm of scrypt's N. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
}

/** A file that is whole, as far as can be seen without its key. */
export interface Envelope {
  readonly params: KeyParams;
  /**
   * What is in it.
   *
   * @throws {CodedError} `SECRETS_KEY_WRONG`, `SECRETS_DAMAGED`
   */
  open(key: DerivedKey): Promise<Uint8Array<ArrayBuffer>>;
}

/*
 * Version 1, in bytes:
 *
 *   0  8   "PDSECRET"
 *   8  1   version
 *   9  3   scrypt: log2 N, r, p
 *  12 16   salt
 *  28 16   key check
 *  44 12   nonce
 *  56 …    AES-256-GCM of the content with its tag of 16 bytes; everything before is authenticated with it
 *   … 32   SHA-256 of everything before
 */
const MAGIC = new TextEncoder().encode("PDSECRET");
const VERSION = 1;
const SALT_AT = 12;
const SALT_BYTES = 16;
const CHECK_AT = SALT_AT + SALT_BYTES;
const NONCE_AT = CHECK_AT + CHECK_BYTES;
const NONCE_BYTES = 12;
const HEADER_BYTES = NONCE_AT + NONCE_BYTES;
const TAG_BYTES = 16;
const DIGEST_BYTES = 32;

/** What a header may ask for: enough to be slow, too little to exhaust a machine. */
const LOG_N = { least: 15, most: 20 };
const MAX_R = 16;
const MAX_P = 4;

/** Those of a new file. */
export function newKeyParams(): KeyParams {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  return { logN: LOG_N.least, r: 8, p: 1, salt };
}

/** Encrypts, with a nonce of its own. */
export async function encodeEnvelope(
  plain: Uint8Array<ArrayBuffer>,
  params: KeyParams,
  key: DerivedKey,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(HEADER_BYTES + plain.length + TAG_BYTES + DIGEST_BYTES);
  bytes.set(MAGIC, 0);
  bytes.set([VERSION, params.logN, params.r, params.p], MAGIC.length);
  bytes.set(params.salt, SALT_AT);
  bytes.set(key.check, CHECK_AT);
  crypto.getRandomValues(bytes.subarray(NONCE_AT, HEADER_BYTES));
  const header = bytes.slice(0, HEADER_BYTES);
  const sealed = await crypto.subtle.encrypt(gcm(header), await aes(key, "encrypt"), plain);
  bytes.set(new Uint8Array(sealed), HEADER_BYTES);
  const end = bytes.length - DIGEST_BYTES;
  bytes.set(await sha256(bytes.slice(0, end)), end);
  return bytes;
}

/**
 * Reads what can be read without the key.
 *
 * @throws {CodedError} `SECRETS_DAMAGED`, `SECRETS_TOO_NEW`
 */
export async function decodeEnvelope(bytes: Uint8Array, path: string): Promise<Envelope> {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw damaged(path, "it does not begin as one");
  }
  const [version = 0, logN = 0, r = 0, p = 0] = bytes.subarray(MAGIC.length, SALT_AT);
  if (version > VERSION) throw tooNew(path, version);
  const end = bytes.length - DIGEST_BYTES;
  if (end < HEADER_BYTES + TAG_BYTES) throw damaged(path, "it is cut off");
  if (!timingSafeEqual(await sha256(bytes.slice(0, end)), bytes.subarray(end))) {
    throw damaged(path, "its checksum does not fit");
  }
  const isSane = version === VERSION && logN >= LOG_N.least && logN <= LOG_N.most &&
    r >= 1 && r <= MAX_R && p >= 1 && p <= MAX_P;
  if (!isSane) throw damaged(path, "its header makes no sense");
  const header = bytes.slice(0, HEADER_BYTES);
  return {
    params: { logN, r, p, salt: header.subarray(SALT_AT, CHECK_AT) },
    async open(key) {
      if (!timingSafeEqual(key.check, header.subarray(CHECK_AT, NONCE_AT))) throw keyWrong(path);
      try {
        const sealed = bytes.slice(HEADER_BYTES, end);
        const plain = await crypto.subtle.decrypt(gcm(header), await aes(key, "decrypt"), sealed);
        return new Uint8Array(plain);
      } catch {
        throw damaged(path, "it was changed by somebody without the key");
      }
    },
  };
}

function gcm(header: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv: header.slice(NONCE_AT), additionalData: header };
}

async function aes(key: DerivedKey, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return await crypto.subtle.importKey("raw", key.encryption.slice(), "AES-GCM", false, [usage]);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** The error for a file that is not what was written. */
export function damaged(path: string, state: string): CodedError {
  const message = `Cannot open "${path}" as it must be a whole file of secrets: ${state}`;
  return new CodedError("SECRETS_DAMAGED", message, {
    fix: `Restore it from a backup, or: mv "${path}" "${path}.damaged" and set the secrets anew`,
  });
}

function tooNew(path: string, version: number): CodedError {
  const message =
    `Cannot open "${path}" as this version reads files up to version ${VERSION}: it is ${version}`;
  return new CodedError("SECRETS_TOO_NEW", message, {
    fix: "Use the version of pd that wrote it, or a newer one",
  });
}

function keyWrong(path: string): CodedError {
  const message =
    `Cannot open "${path}" as it is encrypted with another key: the key given is wrong`;
  return new CodedError("SECRETS_KEY_WRONG", message, {
    fix: "export PD_SECRETS_KEY=… with the key that the file was made with",
  });
}
