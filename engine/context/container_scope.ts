import { AsyncLocalStorage } from "node:async_hooks";
import { CodedError } from "../errors/mod.ts";

/** The image of the innermost `ctx.container.run`. Each branch of a `Promise.all` has its own. */
const scope = new AsyncLocalStorage<string>();

const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/;

/** The image that commands run in here, when a `ctx.container.run` is around. */
export function imageInScope(): string | undefined {
  return scope.getStore();
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
  return await scope.run(image, body);
}

function invalid(rule: string, state: string, fix: string): CodedError {
  const message = `Cannot call "ctx.container.run" as ${rule}: it is ${state.slice(0, 80)}`;
  return new CodedError("PROCESS_INVALID", message, { fix });
}
