/**
 * Several answers to the same question: each asker gets them in order, then the last one again. Who
 * asks is part of the count, so that nodes at work side by side cannot take each other's answers.
 */
export class AnswerSequence<T> {
  readonly #answers: T[] = [];
  readonly #asked = new Map<string, number>();

  add(answer: T): void {
    this.#answers.push(answer);
  }

  next(asker: string): T | undefined {
    const count = this.#asked.get(asker) ?? 0;
    this.#asked.set(asker, count + 1);
    return this.#answers[Math.min(count, this.#answers.length - 1)];
  }
}
