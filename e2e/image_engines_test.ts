import assert from "node:assert/strict";
import { bundleWorkflow } from "../builder/bundle/mod.ts";
import { type BuilderName, buildImage, type BuiltImage } from "../builder/image/mod.ts";
import { withFolder } from "./_engine_process.ts";
import { searchImage } from "./_layers.ts";
import { PodmanServer } from "./_podman_server.ts";

const found = await PodmanServer.find();
const EXAMPLE = new URL("../examples/hn-digest", import.meta.url).pathname;
/** As the pod's security context has it. */
const LOCKED = [
  ...["--read-only", "--user", "65534", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
  ...["--memory", "256m", "--tmpfs", "/tmp", "--network", "none"],
];
/** Ends the wait for something that never comes. */
const WATCHDOG_MS = 20_000;
const ASK_AGAIN_MS = 10;
const ENGINES = ["podman", "buildah"] as const;

let server: PodmanServer;
Deno.test.beforeAll(async () => {
  if (found.status === "missing") return;
  server = await PodmanServer.make();
  await server.importBaseImage();
});
Deno.test.afterAll(async () => {
  if (found.status === "ready") await server[Symbol.asyncDispose]();
});

async function build(
  engine: Exclude<BuilderName, "docker">,
  dir: string,
  tag: string,
): Promise<BuiltImage> {
  const program = await server.wrapper(engine);
  const bundle = await bundleWorkflow(dir);
  return await buildImage({ bundle, tag, engine, program, tempDir: server.folder });
}

for (const engine of ENGINES) {
  Deno.test({
    name:
      `${engine} builds hn-digest with one id and one digest twice, and leaves no image of a step`,
    ignore: found.status === "missing",
    async fn() {
      const tag = `hn-digest-${engine}:1.0`;
      const first = await build(engine, EXAMPLE, tag);
      assert.match(first.id, /^sha256:[0-9a-f]{64}$/);
      const inspect = async () => JSON.parse(await server.podman("image", "inspect", tag))[0];
      const { Digest } = await inspect();
      await server.podman("rmi", "--force", tag);
      const second = await build(engine, EXAMPLE, tag);
      const image = await inspect();
      assert.deepEqual([second.id, image.Digest], [first.id, Digest]);
      assert.equal(`sha256:${image.Id}`, second.id);
      assert.ok(second.layerBytes <= 3 * 1024 ** 2, `${second.layerBytes} bytes`);

      const { Config } = image;
      assert.equal(Config.User, "65534:65534");
      assert.deepEqual(Config.Entrypoint.slice(0, 3), ["/bin/deno", "run", "--quiet"]);
      assert.equal(Config.Cmd, undefined);
      assert.equal(Config.WorkingDir, "/app");
      assert.equal(Config.StopSignal, "SIGTERM");
      assert.deepEqual(
        {
          ...Config.Labels,
          "org.opencontainers.image.title": "hn-digest",
          "org.opencontainers.image.version": "1.0",
          "dev.pipedreamer.workflow": "hn-digest",
        },
        Config.Labels,
      );
      assert.equal(image.RootFS.Layers.length, 2);
      const unnamed = ["images", "--all", "--filter", "dangling=true", "--quiet"];
      assert.equal(await server.podman(...unnamed), "");
    },
  });
}

Deno.test({
  name: "an image that Podman has built runs locked, answers from recordings and stops in order",
  ignore: found.status === "missing",
  async fn() {
    await build("podman", EXAMPLE, "hn-digest:1.0");
    const recordings = `${EXAMPLE}/testdata/http:/app/replay:ro`;
    const id = await server.podman(
      "run",
      "--detach",
      ...LOCKED,
      ...["-v", recordings, "hn-digest:1.0", "--replay=/app/replay"],
    );
    try {
      const pid = await server.podman("inspect", "-f", "{{.State.Pid}}", id);
      const ask = async (path: string, ...args: string[]) => {
        const { stdout } = await new Deno.Command("nsenter", {
          args: ["-t", pid, "-n", "curl", "-sS", ...args, `http://127.0.0.1:8080${path}`],
          stderr: "null",
        }).output();
        return new TextDecoder().decode(stdout);
      };
      const deadline = performance.now() + WATCHDOG_MS;
      while (await ask("/health") === "") {
        if (performance.now() > deadline) assert.fail(await server.podman("logs", id));
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      }
      const result = JSON.parse(await ask("/run", "-X", "POST", "-d", "{}"));
      assert.equal(result.status, "succeeded");
      assert.match(result.outputs.format, /^Hacker News today\n\n 1\. /);
      await server.podman("stop", "--time", "20", id);
      assert.equal(await server.podman("inspect", "-f", "{{.State.ExitCode}}", id), "0");
    } finally {
      await server.podman("rm", "--force", "--time", "0", id);
    }
  },
});

const SECRET = "pd-planted-7f3a9c1e5b";

for (const engine of ENGINES) {
  Deno.test({
    name: `no planted secret is in any layer or the configuration of an image of ${engine}`,
    ignore: found.status === "missing",
    fn: () =>
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
        const tag = `planted-${engine}:1.0`;
        await build(engine, dir, tag);
        const saved = await Deno.makeTempDir({ dir: server.folder });
        const args = ["--format", "oci-archive", "--output", `${saved}/image.tar`, tag];
        await server.podman("save", ...args);
        const { found, paths } = await searchImage(saved, SECRET);
        assert.equal(found, "");
        assert.ok(paths.includes("/app/workflow/data.txt"), "what nodes read is there");
        assert.doesNotMatch(paths, /\.secrets|\.env|workflow\.yaml|main\.ts/);
      }),
  });
}
