import { isConflict, isNotFound } from "./api_error.ts";
import type { ApiClient } from "./client.ts";

/** Kills a container if it runs, and removes it with the volumes that only it knows. Resolves when it is gone. */
export async function removeContainer(client: ApiClient, id: string): Promise<void> {
  try {
    await client.ask({
      method: "DELETE",
      path: `/containers/${id}`,
      query: { force: "true", v: "true" },
    });
  } catch (error) {
    if (isNotFound(error)) return;
    if (!isConflict(error)) throw error;
    // Somebody else removes it at this moment.
    await client.ask({
      method: "POST",
      path: `/containers/${id}/wait`,
      query: { condition: "removed" },
    }).catch((error) => {
      if (!isNotFound(error)) throw error;
    });
  }
}
