import type { Lease } from "./records.ts";
import { StorageError } from "./storage_error.ts";

/** What a write with a lease of the past is refused with. */
export function leaseLost(lease: Lease): StorageError {
  return new StorageError(
    "LEASE_LOST",
    `Cannot write run "${lease.runId}" as its owner: another engine has it, or it is over`,
    { fix: `pd runs show ${lease.runId}` },
  );
}
