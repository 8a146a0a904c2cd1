import type { AsyncLocalStorage } from "node:async_hooks";
import { CodedError } from "../errors/mod.ts";

/**
 * The image of the innermost `ctx.container.run`; each branch of a `Promise.all` has its own. Made with the first
 * one, as most nodes have none.
 */
let scope: AsyncLocalStorage<string> | undefined;

const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/;

/** The image that commands run in here, when a `ctx.container.run` is around. */
export function imageInScope(): string | undefined {
  return scope?.getStore();
}

/**
 * Runs `body` with `image` for its commands. What it starts and does not await keeps the image too.
 *
 * @throws {CodedError} `PROCESS_INVALID`
 */
export async function runInContainer<T>(image: string, body: () => Promise<T>): Promise<T> {
  if (typeof image !== "string" || !IMAGE.test(image)) {
    throw invalid(
      "its image is [registry/]name[:tag][@digest]",
      JSON.stringify(image) ?? String(image),
      'ctx.container.run("docker.io/library/alpine:3", async () => { … })',
    );
  }
  if (typeof body !== "function") {
    throw invalid(
      "what runs there is a function",
      typeof body,
      `ctx.container.run(${JSON.stringify(image)}, async () => { … })`,
    );
  }
  const { AsyncLocalStorage } = await import("node:async_hooks");
  scope ??= new AsyncLocalStorage();
  return await scope.run(image, body);
}

function invalid(rule: string, state: string, fix: string): CodedError {
  const message = `Cannot call "ctx.container.run" as ${rule}: it is ${state.slice(0, 80)}`;
  return new CodedError("PROCESS_INVALID", message, { fix });
}
