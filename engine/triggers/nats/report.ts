import { PdError } from "../../errors/mod.ts";
import type { TriggerHost } from "../trigger.ts";

/**
 * Logs why a trigger does not work, unless that was the last thing it said; returns what it says now. A cause
 * that lasts for a night fills no log.
 */
export function report(host: TriggerHost, error: unknown, last: string): string {
  const text = error instanceof PdError
    ? `${error.code}: ${error.message}`
    : `TRIGGER_UNAVAILABLE: ${error instanceof Error ? error.message : String(error)}`;
  const message = host.redactor.text(text);
  if (message === last) return last;
  const fix = error instanceof PdError ? error.fix : undefined;
  host.log("warn", message, fix === undefined ? {} : { fix: host.redactor.text(fix) });
  return message;
}
