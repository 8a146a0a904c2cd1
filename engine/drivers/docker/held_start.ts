/** How the runtime begins to tell that a command could not be executed. */
const COMPLAINT = new TextEncoder().encode("OCI runtime exec failed");

/**
 * Output that is handed on as it comes, unless it begins as the complaint of the runtime: that is held until
 * it is known whose words they are.
 */
export class HeldStart {
  readonly #onBytes: (bytes: Uint8Array) => void;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #isOpen = false;

  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#onBytes = onBytes;
  }

  push(bytes: Uint8Array): void {
    if (!this.#isOpen && this.#isComplaint(bytes)) {
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
      return;
    }
    this.release();
    this.#onBytes(bytes);
  }

  /** Hands on what is held, to somebody else when told so. */
  release(onBytes: (bytes: Uint8Array) => void = this.#onBytes): void {
    this.#isOpen = true;
    for (const bytes of this.#held.splice(0)) onBytes(bytes);
  }

  #isComplaint(bytes: Uint8Array): boolean {
    const from = this.#heldBytes;
    return bytes.subarray(0, COMPLAINT.length - from).every((byte, at) =>
      byte === COMPLAINT[from + at]
    ) && from < 4096;
  }
}
