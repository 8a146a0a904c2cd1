import { StorageError } from "../storage_error.ts";
import type { PostgresAddress } from "./address.ts";

/** What a failed call means for what comes next. */
export interface Failure {
  readonly error: StorageError;
  /** The same call may succeed in a moment. */
  readonly isPassing: boolean;
  /** The server may have done it: the answer was lost, not the question. */
  readonly isDoubtful: boolean;
}

const UNREACHABLE = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "CONNECT_TIMEOUT",
];
/** Starting up, too many connections, deadlock, serialization: nothing was done. */
const REFUSED_FOR_NOW = ["57P03", "53300", "40P01", "40001", "25006"];
const CUT = [
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "57P01",
  "57P02",
  "57P05",
];

/** What the other side shows as its certificate is not what the address asks for. */
const UNTRUSTED = [
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
];

/** Reads an error of the driver or the server. No message of ours holds a user or a password of the address. */
export function readFailure(cause: unknown, address: PostgresAddress): Failure {
  const code = codeOf(cause);
  const says = cause instanceof Error ? cause.message : String(cause);
  const host = address.host.startsWith("/") ? address.host : `${address.host} -p ${address.port}`;
  const unavailable = (rule: string, fix: string) =>
    failure("STORAGE_UNAVAILABLE", `Cannot reach storage "${address.shown}" ${rule}`, fix, cause);
  const invalid = (state: string, fix: string) =>
    failure(
      "STORAGE_INVALID",
      `Cannot use storage "${address.shown}" as the database of runs: ${state}`,
      fix,
      cause,
    );

  if (UNREACHABLE.includes(code)) {
    return { ...unavailable(`as its server: ${code}`, `pg_isready -h ${host}`), isPassing: true };
  }
  if (REFUSED_FOR_NOW.includes(code)) {
    return { ...unavailable(`at this moment: ${says}`, `pg_isready -h ${host}`), isPassing: true };
  }
  if (CUT.includes(code) || code.startsWith("08")) {
    return {
      ...unavailable(`as its server went away: ${code}`, `pg_isready -h ${host}`),
      isPassing: true,
      isDoubtful: true,
    };
  }
  if (UNTRUSTED.includes(code)) {
    return invalid(
      `its certificate is not to be trusted: ${says}`,
      '--storage "…?sslmode=verify-full&sslrootcert=/path/to/ca.pem"',
    );
  }
  switch (code) {
    case "28P01":
    case "28000":
      return invalid(
        `the server refuses the user: ${withoutPassword(says, address)}`,
        "Correct user and password of --storage, or set PGUSER and PGPASSWORD",
      );
    case "3D000":
      return invalid(
        "it does not exist",
        `createdb -h ${host} "${address.database}"`,
      );
    case "42501":
      return invalid(
        `the user may not do that: ${says}`,
        `psql -h ${host} "${address.database}" -c 'GRANT CREATE ON DATABASE "${address.database}" TO ` +
          `${address.user === undefined ? "current_user" : `"${address.user}"`}'`,
      );
    case "42704":
    case "22023":
      return invalid(`a setting is unknown to the server: ${says}`, "Correct --storage …?…");
    case "53100":
    case "53200":
    case "54000":
      return unavailable(`for lack of room: ${says}`, `df -h, on the server of ${address.shown}`);
    case "57014":
      return unavailable(`in time: ${says}`, "Raise statement_timeout");
    case "42P01":
    case "42703":
    case "XX001":
    case "XX002":
      return failure(
        "STORAGE_DAMAGED",
        `Cannot read storage "${address.shown}" as the database of runs: ${says}`,
        `Restore a backup, or take another schema: --storage "…?schema=${address.schema}_2"`,
        cause,
      );
    default:
      return unavailable(`: ${code} ${says}`.trim(), `pg_isready -h ${host}`);
  }
}

function failure(
  code: "STORAGE_UNAVAILABLE" | "STORAGE_INVALID" | "STORAGE_DAMAGED",
  message: string,
  fix: string,
  cause: unknown,
): Failure {
  return {
    error: new StorageError(code, message, { fix, cause }),
    isPassing: false,
    isDoubtful: false,
  };
}

/** No server repeats a password; should one do so, it ends here. */
function withoutPassword(says: string, { password }: PostgresAddress): string {
  return password === undefined ? says : says.replaceAll(password, "***");
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return String(error.code);
}
