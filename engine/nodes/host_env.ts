/**
 * What a host's process gets of the engine's environment: where the module cache is, and what the
 * runtime's own network code reads. `--ignore-env` keeps all of it from the nodes.
 */
const PASSED_ON = [
  "DENO_DIR",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "HOME",
  "XDG_CACHE_HOME",
  "TZ",
  "LANG",
];

/** The environment of a host; `read` looks up one variable of the engine. */
export function hostEnv(read: (name: string) => string | undefined): Record<string, string> {
  const env: Record<string, string> = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  for (const name of PASSED_ON) {
    const value = read(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}
