import { joinBytes } from "../bytes/mod.ts";
import type { RedactingStream, Redactor } from "../context/mod.ts";
import { LineCutter } from "./line_cutter.ts";

/** Where one stream of a program goes. */
export interface OutputPipeOptions {
  readonly redactor: Redactor;
  /** How many bytes of its beginning are kept as they are. */
  readonly keepBytes: number;
  /** Takes redacted text as soon as it is sure to be no part of a secret. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Takes it in lines, without those that are empty. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/**
 * One stream of a program on its way out: bytes become text and text is redacted, across the borders of chunks.
 * Nothing is held back but a beginning of a secret, so that a line is seen when it is written.
 */
export class OutputPipe {
  readonly #options: OutputPipeOptions;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #redacting: RedactingStream;
  readonly #lines: LineCutter | undefined;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #totalBytes = 0;

  constructor(options: OutputPipeOptions) {
    this.#options = options;
    this.#redacting = options.redactor.stream();
    if (options.onLine !== undefined) this.#lines = new LineCutter(options.onLine);
  }

  write(bytes: Uint8Array): void {
    this.#keep(bytes);
    this.#show(this.#redacting.write(this.#decoder.decode(bytes, { stream: true })));
  }

  /** Nothing more comes. */
  end(): void {
    this.#show(this.#redacting.write(this.#decoder.decode()) + this.#redacting.flush());
    this.#lines?.flush();
  }

  /** What was written, as it was, up to `keepBytes`. */
  kept(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly totalBytes: number } {
    return { bytes: joinBytes(this.#kept, this.#keptBytes), totalBytes: this.#totalBytes };
  }

  #keep(bytes: Uint8Array): void {
    this.#totalBytes += bytes.length;
    const room = this.#options.keepBytes - this.#keptBytes;
    if (room <= 0) return;
    // A copy, as the driver may use its buffer again.
    const kept = bytes.slice(0, room);
    this.#kept.push(kept);
    this.#keptBytes += kept.length;
  }

  #show(text: string): void {
    if (text === "") return;
    this.#options.onText?.(text);
    this.#lines?.write(text);
  }
}
