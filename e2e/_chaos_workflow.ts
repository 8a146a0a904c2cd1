/** What a node left behind: that an attempt began, and that it came to its end. */
export interface Trace {
  readonly node: string;
  readonly attempt: number;
  readonly what: "begin" | "end";
}

const NODE = `
const WORK: Record<string, (input: any) => number> = {
  start: ({ n }) => n,
  left: (n) => n + 1,
  middle: (n) => n * 2,
  right: (n) => n - 1,
  end: ({ left, middle, right }) => left + middle + right,
};

export default async function run(ctx: any, input: any): Promise<number> {
  const { id, node, attempt } = ctx.run;
  const trace = (what: string) =>
    Deno.writeTextFileSync(ctx.config.traces, \`\${id} \${node} \${attempt} \${what}\\n\`, { append: true });
  trace("begin");
  const digit = parseInt(id.at(-1), 16);
  await new Promise((resolve) => setTimeout(resolve, (digit * 7 + node.length * 5) % 30));
  // A failure of its own now and then, so that waits for a retry are cut off too.
  if (node === "middle" && attempt % 3 === 1 && digit % 3 === 0) throw new Error("not this time");
  trace("end");
  return WORK[node](input);
}
`;

/** A diamond of five nodes, in hosts and in the engine itself, in a folder of its own. */
export class ChaosWorkflow implements AsyncDisposable {
  readonly dir: string;
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
    this.dir = `${root}/flow`;
  }

  static async make(): Promise<ChaosWorkflow> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-chaos-" }));
    const workflow = new ChaosWorkflow(root);
    await Deno.mkdir(workflow.dir);
    await Deno.mkdir(`${root}/traces`);
    await Deno.writeTextFile(`${workflow.dir}/node.ts`, NODE);
    const hosted = `path: ./node.ts, permissions: { net: [], write: ["${root}/traces"] }`;
    const inline = "path: ./node.ts, isolation: none";
    await Deno.writeTextFile(
      `${workflow.dir}/workflow.yaml`,
      [
        "name: chaos",
        `version: "1.0"`,
        "nodes:",
        `  start: { ${inline} }`,
        `  left: { ${hosted}, depends_on: [start] }`,
        `  middle: { ${hosted}, depends_on: [start], retry: { max_attempts: 100, initial_interval: 20ms, backoff: 1 } }`,
        `  right: { ${inline}, depends_on: [start] }`,
        `  end: { ${hosted}, depends_on: [left, middle, right] }`,
        `config: { traces: ${root}/traces/traces.txt }`,
        "",
      ].join("\n"),
    );
    return workflow;
  }

  /** What each node gives for a run with the input `{n}`. */
  static outputs(n: number): { readonly [node: string]: number } {
    return { start: n, left: n + 1, middle: n * 2, right: n - 1, end: n * 4 };
  }

  /** What the nodes left behind, by run. */
  async traces(): Promise<ReadonlyMap<string, readonly Trace[]>> {
    const traces = new Map<string, Trace[]>();
    const text = await Deno.readTextFile(`${this.#root}/traces/traces.txt`).catch(() => "");
    for (const line of text.split("\n")) {
      const [, runId, node, attempt, what] = /^(\S+) (\S+) (\d+) (begin|end)$/.exec(line) ?? [];
      if (runId === undefined || node === undefined) continue;
      const own = traces.get(runId) ?? [];
      traces.set(runId, own);
      own.push({ node, attempt: Number(attempt), what: what as Trace["what"] });
    }
    return traces;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#root, { recursive: true });
  }
}
