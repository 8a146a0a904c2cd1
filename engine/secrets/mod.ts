/** Secrets that are kept outside of workflows: the encrypted file, and how flags hand secrets over. */
export { openSecretsBackend, type OpenSecretsOptions } from "./open_secrets_backend.ts";
export { readSecretFlag, type SecretFlag, type SecretFlagOptions } from "./read_secret_flag.ts";
export type { SecretsBackend, SecretScope } from "./secrets_backend.ts";
