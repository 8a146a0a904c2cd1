import type { ContainerSpec } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { ApiError, isConflict, isNotFound } from "./api_error.ts";
import { containerBody, type ContainerRole, imageOf } from "./container_body.ts";
import type { DockerContext } from "./docker_context.ts";
import { hasImage, pullImage, unavailableImage } from "./images.ts";

/** What the daemon says about a container that it made. */
interface Created {
  readonly Id: string;
  readonly Warnings?: readonly string[] | null;
}

/**
 * Makes a container, fetching its image as `pull` allows. Resolves to undefined when one of that name exists.
 * The request itself is not cut short by an abort: what it made must be known to be removed.
 *
 * @throws {DriverError} `IMAGE_UNAVAILABLE`, `TASK_INVALID`
 */
export async function createContainer(
  context: DockerContext,
  spec: ContainerSpec,
  options: ContainerRole & { readonly containerName: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const image = imageOf(spec);
  const json = containerBody(spec, options);
  async function create(): Promise<string | undefined> {
    options.signal.throwIfAborted();
    try {
      const { Id, Warnings } = await context.client.ask<Created>({
        method: "POST",
        path: "/containers/create",
        query: { name: options.containerName },
        json,
      });
      for (const warning of Warnings ?? []) context.onWarning(warning);
      return Id;
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }
  try {
    if (spec.pull === "always") await pullImage(context, image, options.signal);
    try {
      return await create();
    } catch (error) {
      // Not by its message: other things can be missing as well.
      if (!isNotFound(error) || await hasImage(context, image)) throw error;
      if (spec.pull === "never") {
        throw unavailableImage(
          image,
          `the daemon does not have it and "pull: never" forbids to fetch it`,
          `docker pull ${image}, or pull: missing`,
        );
      }
      await pullImage(context, image, options.signal);
      return await create();
    }
  } catch (error) {
    throw invalid(spec, error);
  }
}

/** A refusal of the daemon as an error of the task; anything else as it is. */
export function invalid(spec: { readonly name: string }, error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  return new DriverError(
    "TASK_INVALID",
    `Cannot run "${spec.name}" as the daemon refuses: ${error.message}`,
    { cause: error },
  );
}
