import { dirname } from "node:path";
import type { Clock } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";
import { type DerivedKey, deriveKey } from "./derive_key.ts";
import { decodeEnvelope, encodeEnvelope, type KeyParams, newKeyParams } from "./envelope.ts";
import { lockFile } from "./lock_file.ts";
import { replaceFile } from "./replace_file.ts";
import { decodeRecords, encodeRecords, type SecretRecord } from "./secret_records.ts";
import type { SecretsBackend, SecretScope } from "./secrets_backend.ts";

/** What a secrets file is made of. */
export interface SecretsFileOptions {
  /** Absolute. */
  readonly path: string;
  /** Asked once, when the first thing is decrypted or encrypted. */
  readonly readKey: () => Promise<Uint8Array>;
  readonly clock: Clock;
}

/**
 * Secrets in one file that is encrypted as a whole, names included. Each change reads it, writes a new one beside
 * it and renames that, while it holds a lock: readers see the old or the new one, and no change is lost.
 */
export class SecretsFile implements SecretsBackend {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #readKey: () => Promise<Uint8Array>;
  #material: Promise<Uint8Array> | undefined;
  /** Deriving takes a tenth of a second, so the last one is kept. */
  #derived: { readonly salt: string; readonly key: Promise<DerivedKey> } | undefined;

  constructor({ path, readKey, clock }: SecretsFileOptions) {
    this.#path = path;
    this.#readKey = readKey;
    this.#clock = clock;
  }

  async load(pipeline: string | undefined): Promise<{ readonly [key: string]: string }> {
    const { records } = await this.#read();
    const merged = new Map<string, string>();
    for (const { scope, key, value } of records) if (scope === undefined) merged.set(key, value);
    for (const { scope, key, value } of records) {
      if (scope !== undefined && scope.pipeline === pipeline) merged.set(key, value);
    }
    return Object.fromEntries(merged);
  }

  async set(scope: SecretScope, key: string, value: string): Promise<void> {
    if (key === "" || key.includes("\0") || key.includes("=")) {
      throw new CodedError(
        "SECRETS_INVALID",
        'Cannot set a secret as its key becomes a variable: it is empty, or has "=" or a NUL byte',
        { fix: "pd secret set API_TOKEN" },
      );
    }
    await this.#change((records) => [
      ...records.filter((record) => !isAt(record, scope, key)),
      { scope, key, value },
    ]);
  }

  async list(): Promise<readonly { readonly scope: SecretScope; readonly key: string }[]> {
    const { records } = await this.#read();
    return records
      .map(({ scope, key }) => ({ scope, key }))
      .sort((a, b) =>
        compare(a.scope?.pipeline ?? "", b.scope?.pipeline ?? "") || compare(a.key, b.key)
      );
  }

  async remove(scope: SecretScope, key: string): Promise<boolean> {
    let removed = false;
    await this.#change((records) => {
      const rest = records.filter((record) => !isAt(record, scope, key));
      removed = rest.length < records.length;
      return removed ? rest : undefined;
    });
    return removed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const material = await this.#material?.catch(() => undefined);
    const derived = await this.#derived?.key.catch(() => undefined);
    for (const bytes of [material, derived?.encryption, derived?.check]) bytes?.fill(0);
    this.#material = undefined;
    this.#derived = undefined;
  }

  async #read(): Promise<{ records: readonly SecretRecord[]; params: KeyParams | undefined }> {
    const bytes = await this.#bytes();
    if (bytes === undefined) return { records: [], params: undefined };
    const envelope = await decodeEnvelope(bytes, this.#path);
    const plain = await envelope.open(await this.#keyFor(envelope.params));
    try {
      return { records: decodeRecords(plain, this.#path), params: envelope.params };
    } finally {
      plain.fill(0);
    }
  }

  /** Writes what `change` makes of the records, unless that is undefined. */
  async #change(
    change: (records: readonly SecretRecord[]) => readonly SecretRecord[] | undefined,
  ): Promise<void> {
    await Deno.mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    // Behind a link is where the file is: renaming over the link would cut it.
    const target = await Deno.realPath(this.#path).catch(() => this.#path);
    await using _lock = await lockFile(`${target}.lock`, { clock: this.#clock });
    const { records, params = newKeyParams() } = await this.#read();
    const changed = change(records);
    if (changed === undefined) return;
    const plain = encodeRecords(changed);
    const sealed = await encodeEnvelope(plain, params, await this.#keyFor(params));
    plain.fill(0);
    await replaceFile(target, sealed);
  }

  async #bytes(): Promise<Uint8Array | undefined> {
    try {
      return await Deno.readFile(this.#path);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return undefined;
      const state = cause instanceof Error ? cause.message : "unknown";
      throw new CodedError(
        "SECRETS_INVALID",
        `Cannot open "${this.#path}" as it must be a readable file: ${state}`,
        { fix: `ls -l "${this.#path}"`, cause },
      );
    }
  }

  async #keyFor(params: KeyParams): Promise<DerivedKey> {
    const salt = `${params.logN}.${params.r}.${params.p}.${params.salt.toHex()}`;
    if (this.#derived?.salt !== salt) {
      this.#material ??= this.#readKey();
      const key = this.#material.then((material) => deriveKey(material, params));
      this.#derived = { salt, key };
    }
    try {
      return await this.#derived.key;
    } catch (error) {
      this.#material = undefined;
      this.#derived = undefined;
      throw error;
    }
  }
}

function isAt(record: SecretRecord, scope: SecretScope, key: string): boolean {
  return record.key === key && record.scope?.pipeline === scope?.pipeline;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
