import assert from "node:assert/strict";
import { bundleWorkflow } from "../builder/bundle/mod.ts";
import { buildImage, type BuiltImage } from "../builder/image/mod.ts";
import { importBaseImage } from "./_base_image.ts";
import { DockerServer } from "./_docker_server.ts";
import { withFolder } from "./_engine_process.ts";

const docker = await DockerServer.find();
const EXAMPLE = new URL("../examples/hn-digest", import.meta.url).pathname;
/** As the pod's security context has it. */
const LOCKED = [
  ...["--read-only", "--user", "65534", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
  ...["--memory", "256m", "--tmpfs", "/tmp", "--network", "none"],
];
/** Ends the wait for something that never comes. */
const WATCHDOG_MS = 20_000;
const ASK_AGAIN_MS = 10;

async function withServer(use: (server: DockerServer) => Promise<void>): Promise<void> {
  await using server = await DockerServer.start();
  await importBaseImage(server);
  await use(server);
}

async function build(server: DockerServer, dir: string, tag: string): Promise<BuiltImage> {
  const program = `${server.folder}/docker`;
  const text = `#!/bin/sh\nexec docker -H unix://${server.socket} "$@"\n`;
  await Deno.writeTextFile(program, text, { mode: 0o755 });
  const bundle = await bundleWorkflow(dir);
  return await buildImage({ bundle, tag, engine: "docker", program, tempDir: server.folder });
}

/** A container of a workflow's image. It has a loopback address and nothing else, so it is asked from inside. */
class Pod implements AsyncDisposable {
  readonly #server: DockerServer;
  readonly id: string;
  readonly #pid: string;

  private constructor(server: DockerServer, id: string, pid: string) {
    this.#server = server;
    this.id = id;
    this.#pid = pid;
  }

  static async start(server: DockerServer, ...args: string[]): Promise<Pod> {
    const id = await server.docker("run", "--detach", ...LOCKED, ...args);
    const pod = new Pod(server, id, await server.docker("inspect", "-f", "{{.State.Pid}}", id));
    const deadline = performance.now() + WATCHDOG_MS;
    while (await pod.ask("/health") === "") {
      if (performance.now() > deadline) throw new Error(await pod.logs());
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
    return pod;
  }

  async ask(path: string, ...args: string[]): Promise<string> {
    const { stdout } = await new Deno.Command("nsenter", {
      args: ["-t", this.#pid, "-n", "curl", "-sS", ...args, `http://127.0.0.1:8080${path}`],
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  }

  // deno-lint-ignore no-explicit-any
  async run(input: unknown = {}): Promise<any> {
    return JSON.parse(await this.ask("/run", "-X", "POST", "-d", JSON.stringify(input)));
  }

  /** Its exit code after SIGTERM. */
  async stop(): Promise<string> {
    await this.#server.docker("stop", "--time", "20", this.id);
    return await this.#server.docker("inspect", "-f", "{{.State.ExitCode}}", this.id);
  }

  logs(): Promise<string> {
    return this.#server.docker("logs", this.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.docker("rm", "--force", this.id);
  }
}

Deno.test({
  name:
    "the image of hn-digest runs locked, answers from recordings and stops in order; two builds have one id",
  ignore: docker.status === "missing",
  fn: () =>
    withServer(async (server) => {
      const first = await build(server, EXAMPLE, "hn-digest:1.0");
      await server.docker("rmi", "--force", "hn-digest:1.0");
      const second = await build(server, EXAMPLE, "hn-digest:1.0");
      assert.equal(second.id, first.id);
      assert.match(second.id, /^sha256:[0-9a-f]{64}$/);
      assert.ok(
        second.layerBytes <= 3 * 1024 ** 2,
        `${second.layerBytes} bytes on top of the base`,
      );

      const recordings = `${EXAMPLE}/testdata/http:/app/replay:ro`;
      await using pod = await Pod.start(
        server,
        ...["-v", recordings, "hn-digest:1.0", "--replay=/app/replay"],
      );
      const result = await pod.run();
      assert.equal(result.status, "succeeded");
      assert.match(result.outputs.format, /^Hacker News today\n\n 1\. /);
      assert.equal(await pod.stop(), "0");
    }),
});

const SECRET = "pd-planted-7f3a9c1e5b";

Deno.test({
  name: "no planted secret is in any layer, the configuration or the history of an image",
  ignore: docker.status === "missing",
  fn: () =>
    withServer((server) =>
      withFolder({
        "workflow.yaml": `name: planted
version: "1.0"
nodes:
  main: { path: ./main.ts, permissions: { secrets: [github] } }
`,
        "main.ts": "export default (ctx) => typeof ctx.secrets.github.token;\n",
        "data.txt": "public",
        ".secrets/github": JSON.stringify({ token: SECRET }),
        ".secrets.yaml": `slack: { token: ${SECRET} }\n`,
        ".env": `TOKEN=${SECRET}\n`,
      }, async (dir) => {
        await build(server, dir, "planted:1.0");
        const saved = `${server.folder}/saved`;
        await Deno.mkdir(saved);
        await server.docker("save", "--output", `${saved}/image.tar`, "planted:1.0");
        const unpack = 'cd "$1" && tar -xf image.tar && rm image.tar && ' +
          'for layer in */layer.tar; do mkdir -p "$layer.d" && tar -xf "$layer" -C "$layer.d"; done';
        const { success } = await new Deno.Command("sh", { args: ["-c", unpack, "sh", saved] })
          .output();
        assert.ok(success);
        const found = await new Deno.Command("grep", { args: ["-rla", SECRET, saved] }).output();
        assert.equal(new TextDecoder().decode(found.stdout), "");
        const names = await new Deno.Command("find", { args: [saved] }).output();
        const paths = new TextDecoder().decode(names.stdout);
        assert.ok(paths.includes("/app/workflow/data.txt"), "what nodes read is there");
        assert.doesNotMatch(paths, /\.secrets|\.env|workflow\.yaml|main\.ts/);
        const history = await server.docker("history", "--no-trunc", "planted:1.0");
        assert.ok(!history.includes(SECRET));
      })
    ),
});

/** What a node tries that its workflow does not declare. */
const TRIES: { readonly [id: string]: string } = {
  "write-app": 'await Deno.writeTextFile("/app/workflow/x", "x")',
  "read-secrets": 'await Deno.readTextFile("/app/secrets/github")',
  "read-passwd": 'await Deno.readTextFile("/etc/passwd")',
  "spawn": 'await new Deno.Command("/bin/deno", { args: ["--version"] }).output()',
  "reach-host": 'await fetch("http://127.0.0.1:8080/health")',
  "read-environment":
    'if (Deno.env.get("DENO_DIR") === undefined) throw new Deno.errors.NotCapable("ignored")',
};

Deno.test({
  name:
    "a node in an image cannot write /app, read secrets or other files, spawn, or reach an undeclared host; the engine stays up",
  ignore: docker.status === "missing",
  fn: () =>
    withServer((server) => {
      const ids = Object.keys(TRIES);
      const files: Record<string, string> = {
        "workflow.yaml": `name: hostile
version: "1.0"
nodes:
${
          ids.map((id) =>
            `  ${id}: { path: ./${id}.ts, allow_failure: true, permissions: { net: [a.example], secrets: [] } }`
          ).join("\n")
        }
`,
      };
      for (const id of ids) {
        files[`${id}.ts`] = `export default async () => { ${TRIES[id]}; return "did it"; };\n`;
      }
      return withFolder(files, async (dir) => {
        await build(server, dir, "hostile:1.0");
        const secrets = `${server.folder}/secrets`;
        await Deno.mkdir(secrets);
        await Deno.writeTextFile(`${secrets}/github`, JSON.stringify({ token: SECRET }));
        await using pod = await Pod.start(
          server,
          ...["-v", `${secrets}:/app/secrets:ro`, "hostile:1.0"],
        );
        const result = await pod.run();
        assert.deepEqual(Object.keys(result.errors).sort(), [...ids].sort());
        for (const id of ids) assert.match(result.errors[id], /^PERMISSION_DENIED: /);
        assert.ok(!JSON.stringify(result).includes(SECRET));
        assert.equal(await pod.ask("/health"), '{"status":"ok"}');
        assert.equal(await pod.stop(), "0");
      });
    }),
});

Deno.test({
  name:
    "nodes in an image import pipedreamer, in a host without a right to read it and inside the engine",
  ignore: docker.status === "missing",
  fn: () =>
    withServer((server) =>
      withFolder({
        "workflow.yaml": `name: authors
version: "1.0"
nodes:
  host: { path: ./host.ts, retries: 3, allow_failure: true, permissions: { net: [], secrets: [] } }
  inline: { path: ./inline.ts, isolation: none }
`,
        "host.ts": 'import { TerminalError } from "pipedreamer";\n' +
          'export default () => { throw new TerminalError("once"); };\n',
        "inline.ts": 'import { TerminalError } from "pipedreamer";\n' +
          "export default () => typeof TerminalError;\n",
      }, async (dir) => {
        await build(server, dir, "authors:1.0");
        await using pod = await Pod.start(server, "authors:1.0");
        const result = await pod.run();
        assert.match(result.errors.host, /^NODE_TERMINAL: once/);
        assert.equal(result.timing.nodeTimings.host.attempts, 1);
        assert.equal(result.outputs.inline, "function");
      })
    ),
});
