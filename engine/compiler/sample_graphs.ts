import {
  type CodeNodeSpec,
  DEFAULT_CONFIG,
  type EdgeSpec,
  type NodeSpec,
  type WorkflowSpec,
} from "../spec/mod.ts";

/** What a test says about a node beyond its name. */
export type NodeOverrides = Partial<Omit<CodeNodeSpec, "id" | "kind">>;

/** A code node with the defaults of the format. */
export function sampleNode(id: string, overrides: NodeOverrides = {}): CodeNodeSpec {
  return {
    kind: "code",
    id,
    path: `./nodes/${id}.ts`,
    description: undefined,
    permissions: undefined,
    isolation: "none",
    memoryBytes: 256 * 1024 * 1024,
    container: undefined,
    timeoutMs: 30_000,
    retry: {
      maxAttempts: 1,
      initialIntervalMs: 100,
      backoff: 2,
      maxIntervalMs: 10_000,
      jitter: true,
    },
    allowFailure: false,
    onLost: "retry",
    config: {},
    ...overrides,
  };
}

/** A workflow of `nodes` with edges as `"a -> b"`; `"a => b"` is a `depends_on` of b. */
export function sampleWorkflow(
  nodes: readonly (string | NodeSpec)[],
  edges: readonly string[],
): WorkflowSpec {
  const specs = nodes.map((node) => typeof node === "string" ? sampleNode(node) : node);
  return workflowOf(specs, edges.map(edgeSpec));
}

/** A workflow of parts that are already specs. */
export function workflowOf(
  nodes: readonly NodeSpec[],
  edges: readonly EdgeSpec[],
): WorkflowSpec {
  return {
    name: "test-flow",
    version: "1.0",
    description: undefined,
    triggers: [{ type: "manual", name: undefined }],
    inputs: {},
    services: {},
    nodes,
    edges,
    config: DEFAULT_CONFIG,
  };
}

function edgeSpec(text: string, index: number): EdgeSpec {
  const [, from = "", arrow, to = ""] = /^(\S+) (->|=>) (\S+)$/.exec(text) ?? [];
  const path = arrow === "=>" ? ["nodes", to, "depends_on", index] : ["edges", index];
  return { from, to, path };
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A workflow without loops: edges lead from lower to higher numbers, names are shuffled. */
export function randomWorkflow(
  nodeCount: number,
  edgeCount: number,
  random: () => number,
): WorkflowSpec {
  const width = String(nodeCount).length;
  const names = shuffled(
    Array.from({ length: nodeCount }, (_, i) => `n${String(i).padStart(width, "0")}`),
    random,
  );
  const seen = new Set<number>();
  const edges: EdgeSpec[] = [];
  for (let tries = 0; nodeCount > 1 && edges.length < edgeCount && tries < edgeCount * 4; tries++) {
    const a = Math.floor(random() * nodeCount);
    const b = Math.floor(random() * nodeCount);
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    if (low === high || seen.has(low * nodeCount + high)) continue;
    seen.add(low * nodeCount + high);
    edges.push({
      from: names[low] as string,
      to: names[high] as string,
      path: ["edges", edges.length],
    });
  }
  return workflowOf(names.map((name) => sampleNode(name)), edges);
}

/** A copy in random order. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
