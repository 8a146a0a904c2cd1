import { CodedError } from "../../engine/errors/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { Desk, ShownRepository, ShownTemplate } from "./desk.ts";

/** Repositories of a server, by its API. */
export async function remoteDesk(
  { server, token }: { readonly server: string; readonly token: string },
): Promise<Desk> {
  const { ApiClient } = await import("../remote/mod.ts");
  const client = new ApiClient({ server, token, fetch });
  const path = (...parts: readonly string[]) => `/${parts.map(encodeURIComponent).join("/")}`;

  async function isRemoved(at: string): Promise<boolean> {
    try {
      await client.call("DELETE", at);
      return true;
    } catch (error) {
      if (error instanceof CodedError && error.code === "NOT_FOUND") return false;
      throw error;
    }
  }

  return {
    async list() {
      const answer = await client.call("GET", "/repos");
      return (answer as unknown as { repositories: readonly ShownRepository[] }).repositories;
    },
    async show(name) {
      return await client.call("GET", path("repos", name)) as unknown as ShownRepository;
    },
    async add(repository, replace) {
      await client.call("POST", "/repos", withoutGaps({ ...repository, replace }));
    },
    remove: (name) => isRemoved(path("repos", name)),
    async templates() {
      const answer = await client.call("GET", "/templates");
      return (answer as unknown as { templates: readonly ShownTemplate[] }).templates;
    },
    async addTemplate(name, content) {
      const answer = await client.call("PUT", path("templates", name), withoutGaps(content));
      return answer as { version: number };
    },
    async attach({ repository, template, version, inputs }) {
      const at = path("repos", repository, "templates", template);
      await client.call("PUT", at, withoutGaps({ version, inputs }));
    },
    detach: (repository, template) => isRemoved(path("repos", repository, "templates", template)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** As JSON: without what is undefined. */
function withoutGaps(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
