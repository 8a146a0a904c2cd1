const ENGINE_URL = new URL("../", import.meta.url).href;

/**
 * The text of a module with the types of "pipedreamer" as pipelines import it. It names the files in which they are
 * declared: through the doors of their folders the compiler would read most of the engine, 3 s instead of 1.
 */
export function authorModule(): string {
  return `import type {} from "${ENGINE_URL}runtime/global_types.ts";
export { RetryableError, TerminalError } from "${ENGINE_URL}errors/node_errors.ts";
export type { RetryableErrorOptions } from "${ENGINE_URL}errors/node_errors.ts";
export type * from "${ENGINE_URL}context/context.ts";
export type { JsonObject, JsonValue } from "${ENGINE_URL}json/json_value.ts";
export type * from "${ENGINE_URL}runtime/types.ts";
`;
}
