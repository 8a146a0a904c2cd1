import type { NodeSpec, WorkflowSpec } from "../spec/mod.ts";
import type { CompiledDag, CompiledNode } from "./compiled_dag.ts";
import { type EdgeTable, reverseTable } from "./edge_table.ts";
import type { Staging } from "./find_stages.ts";

/**
 * Turns the compiler's ranks (positions by name) into the order of execution.
 *
 * @param dependents Rows by rank, each pair of nodes once.
 */
export function assembleDag(
  spec: WorkflowSpec,
  rankOf: ReadonlyMap<string, number>,
  dependents: EdgeTable,
  staging: Staging,
): CompiledDag {
  const { stageOf, stageCount } = staging;
  const dependencies = reverseTable(dependents);
  const specs = new Array<NodeSpec>(rankOf.size);
  for (const node of spec.nodes) specs[rankOf.get(node.id) as number] = node;
  const stages: number[][] = Array.from({ length: stageCount }, () => []);
  for (let rank = 0; rank < specs.length; rank++) {
    (stages[stageOf[rank] as number] as number[]).push(rank);
  }
  const order = stages.flat();
  const positionOf = new Int32Array(order.length);
  for (const [position, rank] of order.entries()) positionOf[rank] = position;

  const nodes: CompiledNode[] = [];
  const sinks: number[] = [];
  for (const [index, rank] of order.entries()) {
    const node = specs[rank] as NodeSpec;
    nodes.push({
      id: node.id,
      index,
      stage: stageOf[rank] as number,
      spec: node,
      dependencies: rowOf(dependencies, rank, positionOf),
      dependents: rowOf(dependents, rank, positionOf),
    });
    if (dependents.offsets[rank] === dependents.offsets[rank + 1]) sinks.push(index);
  }
  let start = 0;
  const positions = stages.map((stage) => stage.map(() => start++));
  return { spec, nodes, stages: positions, sinks };
}

function rowOf(table: EdgeTable, rank: number, positionOf: Int32Array): readonly number[] {
  const row: number[] = [];
  for (let i = table.offsets[rank] as number; i < (table.offsets[rank + 1] as number); i++) {
    row.push(positionOf[table.targets[i] as number] as number);
  }
  return row;
}
