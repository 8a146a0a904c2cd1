/** Secrets in a backend, as `pd secret` shows and changes them. */
export { listSecrets, removeSecret, type SecretRequest, setSecret } from "./change_secrets.ts";
