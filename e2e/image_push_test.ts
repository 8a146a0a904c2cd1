import assert from "node:assert/strict";
import { importBaseImage } from "./_base_image.ts";
import { DockerServer } from "./_docker_server.ts";
import { pd, type PdOutcome } from "./_pd_process.ts";
import { PodmanServer } from "./_podman_server.ts";
import { ACCOUNT, RegistryServer } from "./_registry_server.ts";
import { freePort } from "./_server_process.ts";

const isMissing = (await Promise.all([
  RegistryServer.find(),
  PodmanServer.find(),
  DockerServer.find(),
])).some(({ status }) => status === "missing");
const EXAMPLE = new URL("../examples/hn-digest", import.meta.url).pathname;
const ENGINES = ["docker", "podman", "buildah"] as const;

/** What all tests share. */
interface Place extends AsyncDisposable {
  readonly open: RegistryServer;
  readonly closed: RegistryServer;
  /** Nobody listens there. */
  readonly nobody: string;
  readonly folder: string;
  pd(...args: string[]): Promise<PdOutcome>;
  /** Keeps a password for the closed registry, as `docker login` and `podman login` do. */
  login(password: string): Promise<void>;
}

let place: Place;
Deno.test.beforeAll(async () => {
  if (!isMissing) place = await makePlace();
});
Deno.test.afterAll(async () => {
  if (!isMissing) await place[Symbol.asyncDispose]();
});

async function makePlace(): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const open = stack.use(await RegistryServer.start({ isOpen: true }));
  const closed = stack.use(await RegistryServer.start({ isOpen: false }));
  const nobody = `127.0.0.1:${freePort()}`;
  const docker = stack.use(await DockerServer.start());
  const podman = stack.use(await PodmanServer.make([open.host, closed.host, nobody]));
  await Promise.all([importBaseImage(docker), podman.importBaseImage()]);
  const folder = await Deno.makeTempDir({ prefix: "pd_push_" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.mkdir(`${folder}/tmp`);
  const programs = [await podman.wrapper("podman"), await podman.wrapper("buildah")];
  const path = [
    ...programs.map((program) => program.slice(0, program.lastIndexOf("/"))),
    Deno.env.get("PATH"),
  ].join(":");
  const env = {
    PATH: path,
    PD_DATA_DIR: `${folder}/data`,
    TMPDIR: `${folder}/tmp`,
    DOCKER_HOST: `unix://${docker.socket}`,
    DOCKER_CONFIG: `${folder}/docker`,
  };
  const all = stack.move();
  return {
    open,
    closed,
    nobody,
    folder,
    pd: (...args) => pd(args, { cwd: folder, env }),
    async login(password) {
      const auth = btoa(`${ACCOUNT.user}:${password}`);
      const text = JSON.stringify({ auths: { [closed.host]: { auth } } });
      await Deno.mkdir(`${folder}/docker`, { recursive: true });
      await Deno.writeTextFile(`${folder}/docker/config.json`, text);
      await Deno.writeTextFile(podman.env["REGISTRY_AUTH_FILE"] ?? "", text);
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

for (const engine of ENGINES) {
  Deno.test({
    name: `pd build --push with ${engine} prints the registry's digest, and pd deploy pulls by it`,
    ignore: isMissing,
    async fn() {
      await place.login(ACCOUNT.password);
      const registry = `${place.closed.host}/${engine}`;
      const pushed = await place.pd(
        ...["build", EXAMPLE, "--engine", engine, "-r", registry, "--push"],
      );
      assert.equal(pushed.code, 0, pushed.stderr);
      const digest = /^ {2}digest {2}(sha256:[0-9a-f]{64})$/m.exec(pushed.stdout)?.[1];
      assert.ok(digest, pushed.stdout);
      assert.equal(await place.closed.digestOf(`${engine}/hn-digest`, "1.0"), digest);

      const here = await place.pd("deploy", EXAMPLE, "-r", registry, "--dry-run");
      assert.equal(here.code, 0, here.stderr);
      assert.ok(here.stdout.includes(`image: "${registry}/hn-digest:1.0@${digest}"`), here.stdout);
      const inside = ["--cluster-registry", "registry.internal:5000/apps"];
      const there = await place.pd("deploy", EXAMPLE, "-r", registry, ...inside, "--dry-run");
      assert.ok(
        there.stdout.includes(`image: registry.internal:5000/apps/hn-digest:1.0@${digest}\n`),
        there.stdout,
      );
    },
  });

  Deno.test({
    name: `pd build --push with ${engine} says what refuses it: a wrong password, and nobody there`,
    ignore: isMissing,
    async fn() {
      await place.login("wrong");
      const name = `${engine}-refused`;
      for (
        const { registry, says, fix } of [
          {
            registry: `${place.closed.host}/${name}`,
            says: /(?:unauthorized|no basic auth|denied)/,
            fix: `fix: ${engine} login ${place.closed.host}`,
          },
          { registry: `${place.nobody}/${name}`, says: /connection refused/, fix: "fix: curl -I" },
          // Podman and Buildah push alike, and both try for seconds.
        ].slice(0, engine === "buildah" ? 1 : 2)
      ) {
        const args = ["build", EXAMPLE, "--engine", engine, "-r", registry, "--push"];
        const { code, stdout, stderr } = await place.pd(...args);
        assert.equal(code, 1);
        assert.equal(stdout, "");
        assert.match(stderr, /^error IMAGE_FAILED Cannot push the image as \w+ refuses: [^\n]+\n/);
        assert.match(stderr, says);
        assert.ok(stderr.includes(fix), stderr);
        assert.ok(stderr.trim().split("\n").length === 2, stderr);
      }
      assert.equal(await place.closed.digestOf(`${name}/hn-digest`, "1.0"), undefined);
      const left = [...Deno.readDirSync(`${place.folder}/tmp`)].map(({ name }) => name);
      assert.deepEqual(left, []);
    },
  });
}

Deno.test({
  name: "pd build --push needs no password where the registry asks for none",
  ignore: isMissing,
  async fn() {
    const args = ["build", EXAMPLE, "--engine", "podman", "-r", place.open.host, "--push"];
    const { code, stdout, stderr } = await place.pd(...args, "-o", "json");
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).digest, await place.open.digestOf("hn-digest", "1.0"));
  },
});
