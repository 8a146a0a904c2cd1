import type { FoundWorkflow, RegistrySource, SourceLook } from "./registry_source.ts";

/** Workflows that the program itself brings: those of repositories. */
export class AddedSource implements RegistrySource {
  readonly #added = new Map<string, FoundWorkflow>();

  /** Puts it in place of what has its id. */
  add(found: FoundWorkflow): void {
    this.#added.set(found.id, found);
  }

  /** False when there is none of that name. */
  remove(name: string): boolean {
    const found = [...this.#added.values()].find((added) => added.name === name);
    return found !== undefined && this.#added.delete(found.id);
  }

  look(): Promise<SourceLook> {
    return Promise.resolve({
      found: [...this.#added.values()],
      problems: [],
      isBroken: () => false,
    });
  }
}
