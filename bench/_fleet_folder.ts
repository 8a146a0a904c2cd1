/** Workflows of a team in a temporary folder, gone when disposed. */
export class FleetFolder implements AsyncDisposable {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /**
   * Two hundred: `plain0…119` run within the engine, `host0…19` in hosts, `pipe0…58` are scripts of one `pipelines.yml`,
   * and `chatty` writes a line each 100 ms for three seconds.
   */
  static async make(): Promise<FleetFolder> {
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd-bench-" }));
    const folder = new FleetFolder(dir);
    for (let i = 0; i < PLAIN; i++) await folder.#add(`plain${i}`, "none", ECHO);
    for (let i = 0; i < HOSTS; i++) await folder.#add(`host${i}`, "process", ECHO);
    await folder.#add("chatty", "none", CHATTY);
    await Deno.writeTextFile(`${dir}/pipelines.yml`, pipelines());
    return folder;
  }

  async #add(name: string, isolation: "none" | "process", source: string): Promise<void> {
    const place = `${this.dir}/${name}`;
    await Deno.mkdir(`${place}/nodes`, { recursive: true });
    await Deno.writeTextFile(
      `${place}/workflow.yaml`,
      `name: ${name}
version: "1.0"
nodes:
  first: { path: ./nodes/one.ts, isolation: ${isolation} }
  second: { path: ./nodes/one.ts, isolation: ${isolation}, depends_on: [first] }
`,
    );
    await Deno.writeTextFile(`${place}/nodes/one.ts`, source);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

export const PLAIN = 120;
export const HOSTS = 20;
/** Hosts that are up take memory of their own: few of them are ever asked. */
export const HOSTS_IN_USE = 4;
export const PIPELINES = 59;

const ECHO = `export default (_ctx: unknown, input: unknown) => input;\n`;

const CHATTY = `import type { Context } from "pipedreamer";

export default async function run(ctx: Context) {
  for (let line = 0; line < 30; line++) {
    ctx.log.info("line " + line);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
`;

function pipelines(): string {
  const lines = Array.from(
    { length: PIPELINES },
    (_, i) =>
      `  pipe${i}:\n    concurrency: 8\n    tasks:\n      greet: { script: ["echo hello"] }\n`,
  );
  return `pipelines:\n${lines.join("")}`;
}
