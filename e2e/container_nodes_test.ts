import assert from "node:assert/strict";
import type { OutputChunk } from "../engine/containers/mod.ts";
import type { ExecutionResult } from "../engine/executor/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import { openWorkflow, type Workflow } from "../engine/workflow/mod.ts";
import { BUSYBOX, DockerServer } from "./_docker_server.ts";

const SECRET = "open-sesame-12345";

const found = await DockerServer.find();
let server: DockerServer | undefined;
Deno.test.beforeAll(async () => {
  if (found.status === "ready") server = await DockerServer.start();
});
Deno.test.afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** Each driver, and how to reach it once the tests run. */
const DRIVERS: readonly { readonly name: string; readonly ignore: boolean; address(): string }[] = [
  { name: "native", ignore: false, address: () => "native" },
  { name: "docker", ignore: found.status === "missing", address: () => server?.address ?? "" },
];

/** A code node, a container node and a code node again. */
const MIXED = {
  "workflow.yaml": `name: mixed
version: "1.0"
nodes:
  numbers: { path: ./numbers.ts }
  count:
    image: ${BUSYBOX}
    pull: never
    depends_on: [numbers]
    run: |
      cp "$PD_INPUT_FILE" input.json
      echo "read $(wc -c < input.json) bytes"
      printf '{"lines": %s, "copy": %s}' "$(wc -l < list.txt)" "$(cat input.json)" > "$PD_OUTPUT_FILE"
  words:
    image: ${BUSYBOX}
    pull: never
    depends_on: [count]
    command: [cat, list.txt]
  sum: { path: ./sum.ts, depends_on: [count, words] }
`,
  "numbers.ts": `export default () => ({ numbers: [1, 2, 3], text: "äö \\"quoted\\"\\n" });
`,
  "sum.ts":
    `export default (_ctx: unknown, input: { count: { copy: { numbers: number[] } }; words: string }) => ({
  sum: input.count.copy.numbers.reduce((a, b) => a + b),
  words: input.words.split("\\n"),
});
`,
};

for (const { name, ignore, address } of DRIVERS) {
  Deno.test({
    name: `container nodes among code nodes give the same outputs on ${name}`,
    ignore,
    async fn() {
      await using play = await Play.open(MIXED, address(), { "list.txt": "one\ntwo\n" });
      const result = await play.run();
      assert.deepEqual(result.errors, {});
      const numbers = { numbers: [1, 2, 3], text: 'äö "quoted"\n' };
      assert.deepEqual(result.outputs, {
        numbers,
        count: { lines: 2, copy: numbers },
        words: "one\ntwo",
        sum: { sum: 6, words: ["one", "two"] },
      });
    },
  });

  Deno.test({
    name: `a secret that a program prints is masked live and in the result on ${name}`,
    ignore,
    async fn() {
      await using play = await Play.open(
        {
          "workflow.yaml": `name: leaky
version: "1.0"
nodes:
  leak:
    image: ${BUSYBOX}
    pull: never
    env: { TOKEN: "secret:TOKEN" }
    run: |
      echo "plain $TOKEN"
      printf 'halves %s' open-sesame; sleep 0.2; printf '%s\\n' -12345
      printf 'base64 '; printf '%s' "$TOKEN" | base64
`,
          ".secrets/TOKEN": SECRET,
        },
        address(),
      );
      const result = await play.run();
      const masked = "plain ***\nhalves ***\nbase64 ***\n";
      assert.equal(play.shown, masked);
      assert.deepEqual(result.outputs, { leak: masked.trimEnd() });
    },
  });

  Deno.test({
    name: `output is seen while its program goes on on ${name}`,
    ignore,
    async fn() {
      await using play = await Play.open(
        {
          "workflow.yaml": `name: slow
version: "1.0"
nodes:
  slow: { image: ${BUSYBOX}, pull: never, run: "echo a; sleep 2; echo b" }
`,
        },
        address(),
      );
      await play.run();
      const [a, b] = play.chunks;
      assert.equal(a?.text, "a\n");
      assert.equal(b?.text, "b\n");
      assert.ok((b?.at ?? 0) - (a?.at ?? 0) >= 1_000, "a is seen at least a second before b");
    },
  });

  Deno.test({
    name: `a step that fails has its exit code in its error on ${name}`,
    ignore,
    async fn() {
      await using play = await Play.open(
        {
          "workflow.yaml": `name: failing
version: "1.0"
nodes:
  fail: { image: ${BUSYBOX}, pull: never, run: "echo why >&2; exit 7" }
`,
        },
        address(),
      );
      const result = await play.run();
      assert.equal(result.status, "failed");
      assert.match(result.errors["fail"] ?? "", /^STEP_FAILED: .*exit code 7\nwhy$/);
    },
  });

  Deno.test({
    name: `a run that is cancelled leaves nothing behind on ${name}`,
    ignore,
    async fn() {
      await using play = await Play.open(
        {
          "workflow.yaml": `name: hanging
version: "1.0"
nodes:
  hang: { image: ${BUSYBOX}, pull: never, run: "echo up; exec sleep 4711" }
`,
        },
        address(),
      );
      const run = await play.workflow.start();
      await play.up.promise;
      run.cancel();
      assert.equal((await run.result).status, "cancelled");
      assert.deepEqual(await play.leftovers(), []);
    },
  });

  Deno.test({
    name: `a code node runs commands in one container on ${name}`,
    ignore,
    async fn() {
      await using play = await Play.open(
        {
          "workflow.yaml": `name: commands
version: "1.0"
nodes:
  work: { path: ./work.ts, container: ${BUSYBOX} }
`,
          "work.ts": `import type { Context } from "pipedreamer";
export default async (ctx: Context) => {
  await ctx.process.run({ command: "sh", args: ["-c", "echo kept > file.txt"] });
  const [file, input, failed] = await Promise.all([
    ctx.process.run({ command: "cat", args: ["file.txt"] }),
    ctx.process.run({ command: "cat", stdin: "given" }),
    ctx.process.run({ command: "sh", args: ["-c", "exit 3"], check: false }),
  ]);
  return [file.stdout, input.stdout, failed.exitCode];
};
`,
        },
        address(),
      );
      const result = await play.run();
      assert.deepEqual(result.errors, {});
      assert.deepEqual(result.outputs, { work: ["kept\n", "given", 3] });
      assert.deepEqual(await play.leftovers(), []);
    },
  });
}

interface SeenChunk extends OutputChunk {
  /** Milliseconds, from an arbitrary start. */
  readonly at: number;
}

/** A workflow of a folder of its own, on one driver. */
class Play implements AsyncDisposable {
  readonly workflow: Workflow;
  readonly dir: string;
  readonly chunks: SeenChunk[];
  /** The program has written something. */
  readonly up: PromiseWithResolvers<void>;

  private constructor(
    workflow: Workflow,
    { dir, chunks, up }: Pick<Play, "dir" | "chunks" | "up">,
  ) {
    this.workflow = workflow;
    this.dir = dir;
    this.chunks = chunks;
    this.up = up;
  }

  static async open(
    files: { readonly [path: string]: string },
    driver: string,
    workspace: { readonly [path: string]: string } = {},
  ): Promise<Play> {
    const dir = await Deno.makeTempDir({ prefix: "pd_nodes_" });
    await write(`${dir}/flow`, files);
    await write(`${dir}/work`, workspace);
    const chunks: SeenChunk[] = [];
    const up = Promise.withResolvers<void>();
    const workflow = await openWorkflow({
      dir: `${dir}/flow`,
      containers: {
        driver,
        dataDir: `${dir}/data`,
        workspace: { dir: `${dir}/work`, include: [], ignore: [] },
        onOutput(chunk) {
          chunks.push({ ...chunk, at: performance.now() });
          up.resolve();
        },
      },
      onWarning: (message) => {
        throw new Error(message);
      },
    });
    return new Play(workflow, { dir, chunks, up });
  }

  get shown(): string {
    return this.chunks.map(({ text }) => text).join("");
  }

  async run(input: JsonValue = {}): Promise<ExecutionResult> {
    return await (await this.workflow.start(input)).result;
  }

  /** What is left of its containers, and the folders of its volumes. */
  async leftovers(): Promise<readonly string[]> {
    const left: string[] = [];
    if (server !== undefined) {
      left.push(
        ...(await server.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean),
        ...(await server.docker("volume", "ls", "--quiet")).split("\n").filter(Boolean),
      );
    }
    const pgrep = await new Deno.Command("pgrep", { args: ["-f", "^sleep 4711$"] }).output();
    left.push(...new TextDecoder().decode(pgrep.stdout).split("\n").filter(Boolean));
    return left;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workflow[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

async function write(dir: string, files: { readonly [path: string]: string }): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    const file = `${dir}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
}
