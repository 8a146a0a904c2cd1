import type { Sandbox } from "../drivers/mod.ts";

/** A container that stays, and whose it is. */
interface Standing {
  readonly placeKey: string;
  readonly sandbox: Promise<Sandbox>;
  /** Somebody sees to it that it is closed. */
  isClaimed: boolean;
}

/** The containers of a run that stay until they are closed, by a name of the caller's. */
export class StandingContainers {
  readonly #standing = new Map<string, Standing>();
  readonly #closing = new Set<Promise<void>>();

  /** The container of that name; started when there is none, or it is not open any more. */
  async get(key: string, placeKey: string, start: () => Promise<Sandbox>): Promise<Sandbox> {
    for (;;) {
      const known = this.#standing.get(key);
      if (known === undefined) break;
      const sandbox = await known.sandbox;
      if (sandbox.isOpen) return sandbox;
      if (this.#standing.get(key) === known) this.#standing.delete(key);
    }
    const standing: Standing = { placeKey, sandbox: start(), isClaimed: false };
    this.#standing.set(key, standing);
    standing.sandbox.catch(() => {
      if (this.#standing.get(key) === standing) this.#standing.delete(key);
    });
    return await standing.sandbox;
  }

  /** The container of that name, when there is one and it is open. */
  async find(key: string): Promise<Sandbox | undefined> {
    const sandbox = await this.#standing.get(key)?.sandbox;
    return sandbox?.isOpen === true ? sandbox : undefined;
  }

  /** Whether the caller is the first to see to its end. */
  claim(key: string): boolean {
    const standing = this.#standing.get(key);
    if (standing === undefined || standing.isClaimed) return false;
    return standing.isClaimed = true;
  }

  /** Removes the container of that name; at once when there is none. */
  async close(key: string): Promise<void> {
    const standing = this.#standing.get(key);
    if (standing === undefined) return;
    this.#standing.delete(key);
    const closing = dispose(standing);
    this.#closing.add(closing);
    try {
      await closing;
    } finally {
      this.#closing.delete(closing);
    }
  }

  /** Removes those of one place. */
  async closeAt(placeKey: string): Promise<void> {
    const keys = [...this.#standing].filter(([, each]) => each.placeKey === placeKey)
      .map(([key]) => key);
    await Promise.all(keys.map((key) => this.close(key)));
  }

  /** Removes all, and waits for those that are being removed. What cannot be is left to the end of the run. */
  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#standing.keys()].map((key) => this.close(key)));
    await Promise.allSettled(this.#closing);
  }
}

async function dispose({ sandbox }: Standing): Promise<void> {
  const started = await sandbox.catch(() => undefined);
  await started?.[Symbol.asyncDispose]();
}
