import { CodedError } from "../errors/mod.ts";
import type { Containers, ContainersOptions } from "./containers.ts";

/** Opens the containers of one version of a workflow; nothing is started yet. */
export function openContainers(_options: ContainersOptions): Containers {
  throw new CodedError(
    "NOT_AVAILABLE",
    "Cannot run anything in a container as it is not built yet",
  );
}
