import type { DeadLetterBox, DeadLetterBoxOptions } from "./nats/mod.ts";

/**
 * Connects to the dead letters of a workflow's queue triggers. Loads what speaks with the server, so that
 * nothing else pays for it.
 *
 * @throws {CodedError} `TRIGGER_UNAVAILABLE`
 */
export async function openDeadLetters(options: DeadLetterBoxOptions): Promise<DeadLetterBox> {
  // Computed, so that the runtime does not look through the libraries before they are wanted.
  const nats: typeof import("./nats/mod.ts") = await import(
    new URL("./nats/mod.ts", import.meta.url).href
  );
  return await nats.openDeadLetterBox(options);
}
