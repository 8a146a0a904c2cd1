import { CodedError } from "../errors/mod.ts";
import { isSecretPlace } from "./secret_places.ts";

/** The runtime's words; it does not escape quotes inside of what it quotes. */
const NEEDS =
  /Requires (\w+) access(?: to (?:"(.*)"|(<[^>]*>)))?, (?:run again with the --allow-|specify the required)/s;
/** How `node:net` and `node:http` say it. */
const NO_LOOKUP = /\bgetaddrinfo EPERM (\S+)/;

const VERBS: { readonly [kind: string]: string } = {
  net: "reach",
  read: "read",
  write: "write",
  env: "read",
  run: "run",
  import: "import",
  ffi: "load",
  sys: "read",
};

/**
 * The error of a node that tried what it may not, saying which line of workflow.yaml would allow it, or
 * what to use instead. `undefined` when `error` (or what caused it) is no refusal of the runtime.
 */
export function permissionDenied(error: Error, nodeId: string): CodedError | undefined {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 8; depth++) {
    const need = refusal(cause);
    if (need !== undefined) return toError(need, nodeId, error);
    cause = cause.cause;
  }
  return undefined;
}

interface Need {
  readonly kind: string;
  /** Host, path, variable, program … as the runtime names it; empty when it names none. */
  readonly target: string;
}

function refusal(error: Error): Need | undefined {
  // Not by the error's name: a refused `import()` is a TypeError, and `node:` modules rename errors.
  const match = NEEDS.exec(error.message);
  if (match?.[1] !== undefined) return { kind: match[1], target: match[2] ?? match[3] ?? "" };
  // What needs every path at once, such as making a symlink.
  if (error.name === "NotCapable") return { kind: "unscoped read and write", target: "" };
  const lookup = NO_LOOKUP.exec(error.message);
  return lookup?.[1] === undefined ? undefined : { kind: "net", target: lookup[1] };
}

function toError({ kind, target }: Need, nodeId: string, cause: Error): CodedError {
  const what = kind === "env"
    ? target === "" ? "the environment" : `$${target}`
    : target === ""
    ? `anything that needs ${kind} access`
    : target;
  return new CodedError(
    "PERMISSION_DENIED",
    `Cannot ${VERBS[kind] ?? "use"} "${what}" as node "${nodeId}" has only the rights of its ` +
      `permissions: it has no ${kind} access there`,
    { fix: fixFor(kind, target, nodeId), cause },
  );
}

function fixFor(kind: string, target: string, nodeId: string): string {
  const add = `Add to node "${nodeId}" in workflow.yaml: permissions:`;
  switch (kind) {
    case "net":
      return `${add} { net: [${flowScalar(withoutDefaultPort(target) || "*")}] }`;
    case "read":
    case "write":
      if (isSecretPlace(target)) {
        return `Use ctx.secrets, which holds what the node may have: ${
          add.slice(0, 1).toLowerCase()
        }${add.slice(1)} { secrets: [<service>] }`;
      }
      return `${add} { ${kind}: [${flowScalar(target.startsWith("<") ? "/tmp" : target)}] }`;
    case "env":
      return "Use ctx.config for settings and ctx.secrets for secrets: nodes have no environment " +
        "and start no processes";
    case "run":
      return "Use a node of its own with `run:` for the command: code nodes start no processes";
    case "import":
      return "Import npm packages (npm:name@version) or files of the workflow folder: code from " +
        "other hosts is not loaded";
    case "ffi":
      return "Use a package without native code: code nodes load no shared libraries";
    case "sys":
      return "Use ctx.config for what the node must know of its machine: code nodes do not see it";
    default:
      return `Do without ${kind} access: no permission of a node grants it`;
  }
}

/** The ports that a host without a port stands for in practice. */
function withoutDefaultPort(host: string): string {
  return host.replace(/:(?:443|80)$/, "");
}

/** `value` inside a YAML `[…]`: quoted only where plain text would read differently. */
function flowScalar(value: string): string {
  return /^[A-Za-z0-9/.][\w./@:+-]*$/.test(value) && !value.endsWith(":")
    ? value
    : JSON.stringify(value);
}
