/** Where secrets are kept that are not files of a workflow: `pd secret set|list|rm`, `--secrets local://…`. */
export interface SecretsBackend extends AsyncDisposable {
  /** Those of that pipeline over the global ones. Values leave this process only as `env` of a container. */
  load(pipeline: string | undefined): Promise<{ readonly [key: string]: string }>;
  set(scope: SecretScope, key: string, value: string): Promise<void>;
  /** Names only. */
  list(): Promise<readonly { readonly scope: SecretScope; readonly key: string }[]>;
  /** Whether there was one. */
  remove(scope: SecretScope, key: string): Promise<boolean>;
}

/** `undefined` is global: for every pipeline that has none of that key. */
export type SecretScope = { readonly pipeline: string } | undefined;
