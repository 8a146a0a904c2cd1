import { type Clock, sleep } from "../clock/mod.ts";
import { CodedError } from "../errors/mod.ts";

/** How long to try, and how often. */
export interface LockOptions {
  readonly clock: Clock;
  /** How long to wait for whoever has it. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const STEP_MS = 15;

/**
 * Holds the lock of a file until disposed of. The system lets go of it when its process ends, however that ends,
 * so none is ever left behind; the empty file stays, as removing it could split the lock in two.
 *
 * @throws {CodedError} `SECRETS_LOCKED` when somebody else has it for too long
 */
export async function lockFile(path: string, options: LockOptions): Promise<AsyncDisposable> {
  const { clock, timeoutMs = TIMEOUT_MS } = options;
  const file = await Deno.open(path, { write: true, create: true, mode: 0o600 });
  try {
    const deadline = clock.monotonic() + timeoutMs;
    while (!await file.tryLock(true)) {
      if (clock.monotonic() >= deadline) throw locked(path, timeoutMs);
      await sleep(STEP_MS, clock);
    }
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    [Symbol.asyncDispose]() {
      file.close();
      return Promise.resolve();
    },
  };
}

function locked(path: string, timeoutMs: number): CodedError {
  const message = `Cannot change the secrets as one process at a time may: another one has ` +
    `"${path}" for more than ${timeoutMs / 1000} s`;
  return new CodedError("SECRETS_LOCKED", message, { fix: `Try again; fuser "${path}" shows it` });
}
