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
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-bench-" }));
    const names = Array.from({ length: nodes }, (_, i) => `n${i}`);
    const yaml = [
      "name: bench",
      `version: "1.0"`,
      "nodes:",
      ...names.flatMap((name, i) => [
        `  ${name}:`,
        "    path: ./node.ts",
        `    isolation: ${isolation}`,
        ...(i === 0 ? [] : [`    depends_on: [${names[i - 1]}]`]),
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
