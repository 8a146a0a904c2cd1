/** Which workflow to open, and with what. */
export interface TargetRequest {
  readonly target: string;
  /** A file or folder of secrets, absolute. */
  readonly secretsPath: string | undefined;
  /** Address of a secrets backend, `local://…`. */
  readonly secretsBackend: string | undefined;
  /** `K=V`, `K=@file` or `K`, for this target. */
  readonly secrets: readonly string[];
  /** The same, for every target. */
  readonly globalSecrets: readonly string[];
  readonly replay: boolean;
  readonly record: boolean;
  /** Where its runs are kept; the user's own storage when undefined. */
  readonly storage: string | undefined;
  /** DSN, in place of the one that the target has. */
  readonly driver: string | undefined;
  /** Whether the current folder is what the workspace holds at first. */
  readonly workdir: boolean;
  readonly include: readonly string[];
  readonly ignore: readonly string[];
  /** Absolute. */
  readonly outputDir: string | undefined;
}

/** A request for a target with nothing said about it. */
export function plainRequest(target: string): TargetRequest {
  return {
    target,
    secretsPath: undefined,
    secretsBackend: undefined,
    secrets: [],
    globalSecrets: [],
    replay: false,
    record: false,
    storage: undefined,
    driver: undefined,
    workdir: true,
    include: [],
    ignore: [],
    outputDir: undefined,
  };
}

/** What `--secrets` means: the address of a backend, or a path. */
export function readSecretsFlag(
  text: string | undefined,
  resolve: (path: string) => string,
): Pick<TargetRequest, "secretsPath" | "secretsBackend"> {
  if (text === undefined) return { secretsPath: undefined, secretsBackend: undefined };
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? { secretsPath: undefined, secretsBackend: text }
    : { secretsPath: resolve(text), secretsBackend: undefined };
}

/** Does what is open for one request serve another? */
export function isSameRequest(a: TargetRequest, b: TargetRequest): boolean {
  const keys = Object.keys(plainRequest("")) as (keyof TargetRequest)[];
  return keys.every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));
}
