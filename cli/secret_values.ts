import { openSecretsBackend, readSecretFlag } from "../engine/secrets/mod.ts";
import type { Io } from "./terminal/mod.ts";

/** Where the secrets of a run come from besides the files of its workflow. */
export interface SecretSources {
  /** Address of a secrets backend. */
  readonly backend: string | undefined;
  /** Flags for this pipeline or workflow. */
  readonly own: readonly string[];
  /** Flags for all of them. */
  readonly global: readonly string[];
}

/**
 * Values by key: those of the pipeline over global ones, and within each what a flag gives over the backend.
 *
 * @throws {CodedError} `SECRET_MISSING`, `SECRETS_INVALID`, and what the backend throws
 */
export async function secretValues(
  { backend, own, global }: SecretSources,
  { cwd, env, pipeline }: Pick<Io, "cwd" | "env"> & { readonly pipeline: string | undefined },
): Promise<{ readonly [key: string]: string }> {
  const [ownFlags, globalFlags, kept] = await Promise.all([
    readFlags(own, { cwd, env }),
    readFlags(global, { cwd, env }),
    readBackend(backend, { cwd, env, pipeline }),
  ]);
  return { ...kept.global, ...globalFlags, ...kept.own, ...ownFlags };
}

type Values = { readonly [key: string]: string };

async function readFlags(
  texts: readonly string[],
  place: Pick<Io, "cwd" | "env">,
): Promise<Values> {
  const flags = await Promise.all(texts.map((text) => readSecretFlag(text, place)));
  return Object.fromEntries(flags.map(({ key, value }) => [key, value]));
}

async function readBackend(
  address: string | undefined,
  { cwd, env, pipeline }: Pick<Io, "cwd" | "env"> & { readonly pipeline: string | undefined },
): Promise<{ readonly global: Values; readonly own: Values }> {
  if (address === undefined) return { global: {}, own: {} };
  await using backend = await openSecretsBackend(address, { cwd, env });
  const all = await backend.load(pipeline);
  if (pipeline === undefined) return { global: all, own: {} };
  const listed = await backend.list();
  const ownKeys = new Set(
    listed.flatMap(({ scope, key }) => scope?.pipeline === pipeline ? [key] : []),
  );
  const entries = Object.entries(all);
  return {
    global: Object.fromEntries(entries.filter(([key]) => !ownKeys.has(key))),
    own: Object.fromEntries(entries.filter(([key]) => ownKeys.has(key))),
  };
}
