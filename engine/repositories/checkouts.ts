import type { Mirror } from "./mirror.ts";

/** A checkout while somebody needs it. */
export interface HeldCheckout extends AsyncDisposable {
  readonly dir: string;
}

interface Held {
  readonly ready: Promise<void>;
  holders: number;
}

/** Checkouts that nobody needs and that are kept, the newest. */
const KEPT = 3;

/** The checkouts of one repository: a folder per commit, made when somebody needs it, and again after it was removed. */
export class Checkouts {
  readonly #dir: string;
  /** Where commits come from: another one when the repository has moved. */
  mirror: Mirror;
  readonly #held = new Map<string, Held>();
  /** In the order in which they were let go of. */
  #unused: string[] = [];
  #pruning: Promise<void> = Promise.resolve();

  /** @param dir Folder of them all. Absolute. */
  constructor(dir: string, mirror: Mirror) {
    this.#dir = dir;
    this.mirror = mirror;
  }

  /** The checkout of a commit that the mirror has, until it is let go of. */
  async hold(commit: string): Promise<HeldCheckout> {
    let held = this.#held.get(commit);
    if (held === undefined) {
      held = { ready: this.#pruning.then(() => this.#make(commit)), holders: 0 };
      this.#held.set(commit, held);
      this.#unused = this.#unused.filter((other) => other !== commit);
    }
    held.holders++;
    try {
      await held.ready;
    } catch (error) {
      this.#letGo(commit, held);
      throw error;
    }
    let isLetGo = false;
    const mine = held;
    return {
      dir: `${this.#dir}/${commit}`,
      [Symbol.asyncDispose]: () => {
        if (!isLetGo) this.#letGo(commit, mine);
        isLetGo = true;
        return this.#pruning;
      },
    };
  }

  /** Removes what another process has left, but for the newest few and what is held. */
  async sweep(): Promise<void> {
    const found: { readonly name: string; readonly at: number }[] = [];
    try {
      for await (const { name } of Deno.readDir(this.#dir)) {
        if (this.#held.has(name)) continue;
        const { mtime } = await Deno.stat(`${this.#dir}/${name}`);
        found.push({ name, at: name.startsWith(".") ? 0 : mtime?.getTime() ?? 0 });
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
    this.#unused = found.sort((a, b) => a.at - b.at).map(({ name }) => name);
    await this.#prune();
  }

  #letGo(commit: string, held: Held): void {
    held.holders--;
    if (held.holders > 0 || this.#held.get(commit) !== held) return;
    this.#held.delete(commit);
    this.#unused.push(commit);
    this.#pruning = this.#pruning.then(() => this.#prune());
  }

  async #prune(): Promise<void> {
    while (this.#unused.length > KEPT) {
      const name = this.#unused.shift();
      if (name === undefined || this.#held.has(name)) continue;
      await Deno.remove(`${this.#dir}/${name}`, { recursive: true }).catch(() => {});
    }
  }

  async #make(commit: string): Promise<void> {
    const dir = `${this.#dir}/${commit}`;
    // It is renamed when it is whole.
    if (await Deno.stat(dir).then(() => true, () => false)) return;
    const draft = `${this.#dir}/.${commit}-${crypto.randomUUID()}`;
    await Deno.mkdir(draft, { recursive: true, mode: 0o700 });
    try {
      // It may be gone since the run began.
      await this.mirror.resolve({ commit });
      await this.mirror.checkOut(commit, draft);
      await Deno.rename(draft, dir);
    } catch (error) {
      await Deno.remove(draft, { recursive: true }).catch(() => {});
      throw error;
    }
  }
}
