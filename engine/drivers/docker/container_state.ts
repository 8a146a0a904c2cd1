import type { TaskResult } from "../driver.ts";
import type { ApiClient } from "./client.ts";

/** What the daemon says of a container's main program. */
export interface ContainerState {
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead` */
  readonly Status: string;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
}

/** Asks how it is with a container. */
export async function inspectContainer(client: ApiClient, id: string): Promise<ContainerState> {
  const { State } = await client.ask<{ State: ContainerState }>({
    method: "GET",
    path: `/containers/${id}/json`,
  });
  return State;
}

/** How a program has ended. */
export function resultOf({ ExitCode: code, OOMKilled }: ContainerState): TaskResult {
  return OOMKilled ? { code, reason: "out_of_memory" } : { code };
}
