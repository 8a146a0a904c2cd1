import { redactText, startOfText } from "./redacting_scan.ts";
import type { SecretScreen } from "./secret_screen.ts";

/** Redacts text that comes in chunks cut anywhere. */
export interface RedactingStream {
  /** Takes a chunk and returns what may be shown by now: everything but what may become a secret. */
  write(chunk: string): string;
  /** Returns the rest. The stream may be used again, for another text. */
  flush(): string;
}

/** Below this, what is held back is simply read again with each chunk. */
const MIN_DEFERRED = 256;
const RUN_OF_TOKEN = /^[\w.-]*$/;

/** A stream over the patterns of `screen`. */
export function createRedactingStream(screen: SecretScreen): RedactingStream {
  const state = startOfText();
  let waiting = "";
  return {
    write(chunk) {
      waiting += chunk;
      // A long token that comes byte by byte is read again only after it has grown by a quarter, which
      // keeps the whole linear.
      const isDeferred = state.held.length > MIN_DEFERRED &&
        waiting.length * 4 < state.held.length && RUN_OF_TOKEN.test(chunk);
      if (isDeferred) return "";
      const text = state.held + waiting;
      waiting = "";
      return redactText(screen, text, state, { isFinal: false });
    },
    flush() {
      const text = state.held + waiting;
      waiting = "";
      const rest = redactText(screen, text, state, { isFinal: true });
      Object.assign(state, startOfText());
      return rest;
    },
  };
}
