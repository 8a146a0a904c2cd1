import type { CompiledDag } from "../compiler/mod.ts";
import type { SecretReferences } from "../context/mod.ts";
import { CodedError } from "../errors/mod.ts";
import type { RunEvent } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import { didYouMean } from "../words/mod.ts";

/**
 * What a run that begins again at `from` takes over from an earlier one: outputs of nodes that succeeded,
 * that do not depend on `from`, and whose own dependencies are taken over too.
 *
 * @throws {CodedError} `TARGET_NOT_FOUND` when the workflow of today has no such node
 */
export function keptOutputs(
  dag: CompiledDag,
  events: readonly RunEvent[],
  { from, references }: { readonly from: string; readonly references: SecretReferences },
): ReadonlyMap<string, JsonValue> {
  if (!dag.nodes.some(({ id }) => id === from)) throw unknownNode(from, dag);
  const outputs = new Map<string, JsonValue>();
  for (const event of events) {
    if (event.kind !== "node.succeeded") continue;
    const { value, missing } = references.restore(event.output);
    if (missing.length === 0) outputs.set(event.node, value);
  }
  const kept = new Map<string, JsonValue>();
  // In execution order, so that a node comes after what it depends on.
  for (const { id, dependencies } of dag.nodes) {
    const output = outputs.get(id);
    if (id === from || output === undefined) continue;
    if (dependencies.every((index) => kept.has(dag.nodes[index]?.id ?? ""))) kept.set(id, output);
  }
  return kept;
}

function unknownNode(id: string, dag: CompiledDag): CodedError {
  const ids = dag.nodes.map((node) => node.id);
  const close = didYouMean(id, ids);
  return new CodedError(
    "TARGET_NOT_FOUND",
    `Cannot begin at node "${id}" as part of "${dag.spec.name}": there is no such node`,
    { fix: close === undefined ? `--from ${ids[0]}` : `--from ${close}` },
  );
}
