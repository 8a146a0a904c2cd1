import { sleep } from "../../clock/mod.ts";
import type { ContainerSpec } from "../driver.ts";
import { isNotFound } from "./api_error.ts";
import { type ContainerState, inspectContainer } from "./container_state.ts";
import { createContainer } from "./create_container.ts";
import type { DockerContext } from "./docker_context.ts";
import { removeContainer } from "./remove_container.ts";

/** How long another part of this process has between making a container and starting it. */
const START_LIMIT_MS = 5_000;
const ASK_AGAIN_MS = 10;

/** A container to run a task in. */
export type Claimed =
  | { readonly kind: "made"; readonly id: string }
  /** Somebody of this process has made and started it. */
  | { readonly kind: "found"; readonly id: string; readonly state: ContainerState };

/**
 * Makes the container of a task; where this process has one of that name, through another connection, it is
 * that one. One that nobody starts is of a request whose answer got lost: it makes room.
 */
export async function claimContainer(
  context: DockerContext,
  spec: ContainerSpec,
  options: Parameters<typeof createContainer>[2],
): Promise<Claimed> {
  const { client, clock } = context;
  const { containerName } = options;
  const giveUpAt = clock.monotonic() + START_LIMIT_MS;
  for (;;) {
    const id = await createContainer(context, spec, options);
    if (id !== undefined) return { kind: "made", id };
    // A name is taken a moment before there is something to see, and free a moment after.
    const state = await inspectContainer(client, containerName).catch((error) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (state !== undefined && state.Status !== "created" && state.Status !== "removing") {
      return { kind: "found", id: containerName, state };
    }
    if (clock.monotonic() > giveUpAt) await removeContainer(client, containerName);
    await sleep(ASK_AGAIN_MS, clock, options.signal);
  }
}
