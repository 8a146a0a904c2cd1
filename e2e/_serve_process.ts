import assert from "node:assert/strict";
import { pd, PdProcess } from "./_pd_process.ts";

const LIMIT_MS = 20_000;

/** A running `pd serve`, and what a test asks of it. */
export class ServeProcess implements AsyncDisposable {
  readonly process: PdProcess;
  url = "";
  readonly #dir: string;

  constructor(dir: string, args: readonly string[], env: { readonly [name: string]: string }) {
    this.#dir = dir;
    this.process = new PdProcess(
      ["serve", "--address", "127.0.0.1:0", "--insecure-webhooks", ...args],
      { cwd: dir, env },
    );
  }

  async started(): Promise<this> {
    await this.process.until(/^http:\S+\n/m);
    this.url = /^http:\S+/m.exec(this.process.stdout)?.[0] ?? "";
    return this;
  }

  async token(...args: string[]): Promise<string> {
    const { stdout } = await pd(["token", "create", ...args], { cwd: this.#dir, env: {} });
    return stdout.trim();
  }

  /** The status of an answer. */
  async status(path: string, init?: RequestInit): Promise<number> {
    const response = await fetch(this.url + path, init);
    await response.body?.cancel();
    return response.status;
  }

  /** A figure of `/metrics`, once it is as wanted. */
  async until(figure: RegExp): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    for (;;) {
      const text = await (await fetch(`${this.url}/metrics`)).text();
      if (figure.test(text)) return;
      if (performance.now() > deadline) assert.fail(`${figure} did not come:\n${text}`);
    }
  }

  /** Ends it by a signal, and gives the exit code. */
  async end(signal: Deno.Signal): Promise<number> {
    this.process.signal(signal);
    return await this.process.code();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

/** Starts a server, and waits until it answers. */
export async function serve(
  dir: string,
  args: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
): Promise<ServeProcess> {
  const server = new ServeProcess(dir, args, env);
  try {
    return await server.started();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
