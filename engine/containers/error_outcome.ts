import type { PdError } from "../errors/mod.ts";
import { type NodeOutcome, recordOf } from "../executor/mod.ts";

/** What may be otherwise a moment later: an engine that restarts, a registry that is busy. */
const PASSING: ReadonlySet<string> = new Set(["DRIVER_UNAVAILABLE", "IMAGE_UNAVAILABLE"]);

/** An error that kept a node from its end, as its outcome. */
export function errorOutcome(error: PdError): NodeOutcome {
  const kind = PASSING.has(error.code) ? "policy" : "never";
  return { status: "failed", error: recordOf(error), retry: { kind } };
}
