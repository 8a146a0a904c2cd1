import { CodedError } from "../errors/mod.ts";

/** What a node's module exports by default. */
export type NodeFunction = (ctx: unknown, input: unknown) => unknown;

/**
 * The function of an imported module.
 *
 * @throws {CodedError} `NODE_INVALID` when its default export is none
 */
export function nodeFunction(
  module: { readonly default?: unknown },
  place: { readonly node: string; readonly file: string },
): NodeFunction {
  const found = module.default;
  if (typeof found === "function") return found as NodeFunction;
  throw new CodedError(
    "NODE_INVALID",
    `Cannot use "${place.file}" as node "${place.node}" as its default export must be a function: ` +
      (found === undefined ? "it has none" : `it is ${typeof found}`),
    { fix: "export default function run(ctx: Context, input) { … }" },
  );
}
