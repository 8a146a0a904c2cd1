import { dirname } from "node:path";

/** A file or folder that the system did not let pd use. */
export interface SystemFailure {
  readonly message: string;
  readonly fix: string;
}

const SAID = /^(.+) \(os error \d+\): (\w+) '(.+)'$/s;

const VERBS: { readonly [operation: string]: string } = {
  writefile: "write",
  readfile: "read",
  mkdir: "create",
  readdir: "list",
  remove: "remove",
  rename: "rename",
};

/** What a person can do about an error of the file system; `undefined` for any other error. */
export function systemFailure(error: unknown): SystemFailure | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const [, state, operation = "", path = ""] = error.message.match(SAID) ?? [];
  if (state === undefined) return undefined;
  const folder = dirname(path.split("' -> '")[0] ?? path);
  return {
    message: `Cannot ${VERBS[operation] ?? "use"} "${path}" as the system refuses: ${state}`,
    fix: fixFor(error.code, folder),
  };
}

function fixFor(code: unknown, folder: string): string {
  switch (code) {
    case "ENOENT":
      return `mkdir -p "${folder}"`;
    case "ENOSPC":
    case "EDQUOT":
      return `df -h "${folder}" shows what is full; make room there`;
    default:
      return `ls -ld "${folder}" shows who may write there; use another place, or become one of them`;
  }
}
