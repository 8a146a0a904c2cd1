/** How a daemon begins to tell that a command could not be started. */
const COMPLAINTS = ["OCI runtime exec failed", "unable to find user", "unable to find group"]
  .map((text) => new TextEncoder().encode(text));
/** A complaint is one line. */
const MAX_HELD_BYTES = 4096;

/**
 * Output that is handed on as it comes, unless it begins as a complaint of the daemon: that is held until it
 * is known whose words they are.
 */
export class HeldStart {
  readonly #onBytes: (bytes: Uint8Array) => void;
  #held = new Uint8Array(0);
  #isOpen = false;

  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#onBytes = onBytes;
  }

  push(bytes: Uint8Array): void {
    if (this.#isOpen) return this.#onBytes(bytes);
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    this.#held = held;
    const mayBe = COMPLAINTS.some((text) =>
      text.subarray(0, held.length).every((byte, at) => byte === held[at])
    );
    if (!mayBe || held.length > MAX_HELD_BYTES) this.release();
  }

  /** What is held, if it is a whole complaint. */
  text(): string {
    const isWhole = COMPLAINTS.some(({ length }) => this.#held.length > length);
    return isWhole ? new TextDecoder().decode(this.#held).trim() : "";
  }

  /** Hands on what is held, to somebody else when told so. */
  release(onBytes: (bytes: Uint8Array) => void = this.#onBytes): void {
    this.#isOpen = true;
    const held = this.#held;
    this.#held = new Uint8Array(0);
    if (held.length > 0) onBytes(held);
  }
}
