import type { CompiledNode } from "../compiler/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { JsonObject } from "../json/mod.ts";

/**
 * Why a node may not ask for `method`; `undefined` when it may. A command in a container is a right that
 * workflow.yaml gives: to nodes without a `permissions:` block, and to those that have an image, of their own, of
 * their stage, or of `config`. Whole containers are for stored pipelines alone, whose node is marked as such.
 *
 * @param config Of the workflow.
 */
export function askDenied(
  { id, spec }: CompiledNode,
  method: string,
  config: JsonObject,
): CodedError | undefined {
  if (spec.kind !== "code") return undefined;
  if (typeof spec.config["pipeline_id"] === "string") return undefined;
  if (method !== "process.run") {
    return new CodedError(
      "PERMISSION_DENIED",
      `Cannot call "${method}" as only a stored pipeline may: node "${id}" is part of a workflow`,
      { fix: "Use ctx.process.run, or a node with image: and run: in workflow.yaml" },
    );
  }
  const hasImage = spec.container !== undefined || typeof config["container"] === "string";
  if (spec.permissions === undefined || hasImage) return undefined;
  return new CodedError(
    "PERMISSION_DENIED",
    `Cannot run a command as node "${id}" has only the rights of its permissions: ` +
      "it has no container",
    { fix: `Add to node "${id}" in workflow.yaml: container: docker.io/library/alpine:3` },
  );
}
