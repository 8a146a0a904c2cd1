import { compile } from "../compiler/mod.ts";
import { DEFAULT_CONFIG, type WorkflowConfig, type WorkflowSpec } from "../spec/mod.ts";
import type { WorkflowGraph } from "../workflow/mod.ts";
import { type Revision, withRevision } from "./revision.ts";

const MODULE = "fail.ts";
const FAIL = `export default function run(ctx: { config: { problem: string } }): never {
  throw new Error(ctx.config.problem);
}
`;

/** What a workflow that fails takes over: what waits in its queue must not start all at once. */
export type KeptConfig = Pick<WorkflowConfig, "queue" | "retention">;

/** A workflow whose runs fail and say why: what stands for a commit that cannot be run. */
export function failingWorkflow(
  revision: Revision,
  kept: KeptConfig = DEFAULT_CONFIG,
): WorkflowGraph {
  const spec: WorkflowSpec = {
    name: revision.repository,
    version: "0.0",
    description: "A commit that cannot be run",
    triggers: [],
    inputs: {},
    services: {},
    nodes: [{
      kind: "code",
      id: "load",
      description: "Load the workflow of the commit",
      path: `./${MODULE}`,
      permissions: undefined,
      isolation: "none",
      memoryBytes: 256 * 1024 * 1024,
      container: undefined,
      timeoutMs: 60_000,
      retry: { maxAttempts: 1, initialIntervalMs: 0, backoff: 1, maxIntervalMs: 0, jitter: false },
      allowFailure: false,
      onLost: "retry",
      config: { problem: revision.problem ?? "" },
    }],
    edges: [],
    config: { ...DEFAULT_CONFIG, queue: kept.queue, retention: kept.retention },
  };
  const described = withRevision(spec, revision);
  const { dag, diagnostics } = compile(described);
  if (dag === undefined) throw new Error("a workflow of one node has an order");
  return { spec: described, dag, diagnostics };
}

/** Makes the folder that such workflows are at home in. */
export async function makeFailingFolder(dir: string): Promise<void> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${dir}/${MODULE}`, FAIL);
}
