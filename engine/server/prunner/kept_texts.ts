const MAX_TEXTS = 12_000;
const MAX_CHARS = 32 * 1024 * 1024;

/** Texts by key, those used last, bounded in number and in size. */
export class KeptTexts {
  readonly #texts = new Map<string, string>();
  readonly #maxTexts: number;
  readonly #maxChars: number;
  #chars = 0;

  constructor({ maxTexts = MAX_TEXTS, maxChars = MAX_CHARS } = {}) {
    this.#maxTexts = maxTexts;
    this.#maxChars = maxChars;
  }

  get(key: string): string | undefined {
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    return text;
  }

  /** Keeps a text, unless it alone is more than all may be. */
  set(key: string, text: string): void {
    this.#delete(key);
    if (text.length > this.#maxChars) return;
    this.#texts.set(key, text);
    this.#chars += text.length;
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= this.#maxTexts && this.#chars <= this.#maxChars) return;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    const text = this.#texts.get(key);
    if (text === undefined) return;
    this.#texts.delete(key);
    this.#chars -= text.length;
  }
}
