/** A workflow in a temporary folder, gone when disposed. */
export class WorkflowFolder implements AsyncDisposable {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** A chain of `nodes` nodes with the same source, each after the one before. */
  static async chain(
    nodes: number,
    source: string,
    isolation: "process" | "none" = "process",
  ): Promise<WorkflowFolder> {
    const names = Array.from({ length: nodes }, (_, i) => `n${i}`);
    return await WorkflowFolder.#make(
      names.map((name, i) => ({ name, after: names.slice(Math.max(0, i - 1), i) })),
      source,
      isolation,
    );
  }

  /** A node, `width` nodes after it, and one after those. */
  static async fanOut(
    width: number,
    source: string,
    isolation: "process" | "none" = "process",
  ): Promise<WorkflowFolder> {
    const middle = Array.from({ length: width }, (_, i) => `n${i}`);
    const nodes = [
      { name: "first", after: [] },
      ...middle.map((name) => ({ name, after: ["first"] })),
      { name: "last", after: middle },
    ];
    return await WorkflowFolder.#make(nodes, source, isolation);
  }

  static async #make(
    nodes: readonly { readonly name: string; readonly after: readonly string[] }[],
    source: string,
    isolation: "process" | "none",
  ): Promise<WorkflowFolder> {
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-bench-" }));
    const yaml = [
      "name: bench",
      `version: "1.0"`,
      "nodes:",
      ...nodes.flatMap(({ name, after }) => [
        `  ${name}:`,
        "    path: ./node.ts",
        `    isolation: ${isolation}`,
        ...(after.length === 0 ? [] : [`    depends_on: [${after.join(", ")}]`]),
      ]),
    ];
    await Deno.writeTextFile(`${dir}/workflow.yaml`, yaml.join("\n") + "\n");
    await Deno.writeTextFile(`${dir}/node.ts`, source);
    return new WorkflowFolder(dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}
