import type { WorkflowSpec } from "../../spec/mod.ts";

/** A spec as it is stored: its JSON, and a text that differs when the JSON differs. */
export interface HashedSpec {
  readonly hash: string;
  readonly json: string;
}

/** Specs as they are stored. An engine starts many runs of one spec: it is written out and hashed once. */
export class SpecHashes {
  readonly #known = new WeakMap<WorkflowSpec, HashedSpec>();

  /** The hash of a spec that was hashed before. */
  known(spec: WorkflowSpec): HashedSpec | undefined {
    return this.#known.get(spec);
  }

  async of(spec: WorkflowSpec): Promise<HashedSpec> {
    const json = JSON.stringify(spec);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(json));
    const hashed = { hash: new Uint8Array(digest).toHex(), json };
    this.#known.set(spec, hashed);
    return hashed;
  }
}
