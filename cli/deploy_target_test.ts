import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { fakeIo } from "./fake_io.ts";
import { runCli } from "./run_cli.ts";

const TEXT = `name: hello
version: "1.0"
triggers: [{ type: cron, name: daily, schedule: "@daily" }]
nodes:
  one:
    path: ./one.ts
    permissions: { net: [], secrets: [github] }
`;

/** Calls `pd deploy` in a folder with a workflow and secrets. */
async function deploy(
  args: readonly string[],
  look: (dir: string) => Promise<void> = () => Promise.resolve(),
): Promise<{ code: number; stdout: string; stderr: string }> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/workflow.yaml`, TEXT);
    await Deno.mkdir(`${dir}/.secrets`);
    await Deno.writeTextFile(`${dir}/.secrets/github`, '{"token": "S3CR3T-t0ken"}');
    await Deno.writeTextFile(`${dir}/.secrets.yaml`, "slack: { token: S3CR3T-slack }");
    const io = fakeIo({ cwd: dir, env: { HOME: `${dir}/home` } });
    const code = await runCli(["deploy", ...args], io);
    await look(dir);
    return { code, ...io.written };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("pd deploy --dry-run prints YAML without the values of secrets", async () => {
  const { code, stdout, stderr } = await deploy([
    ...[".", "--dry-run", "-n", "batch", "-r", "https://registry.example.com/"],
  ]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const objects = parseAllDocuments(stdout).map((document) => document.toJS());
  assert.deepEqual(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`), [
    ...["ServiceAccount batch", "Secret batch", "NetworkPolicy batch", "Service batch"],
    ...["Deployment batch", "CronJob batch"],
  ]);
  assert.deepEqual(objects[1].data, { github: "***" });
  const [container] = objects[4].spec.template.spec.containers;
  assert.equal(container.image, "registry.example.com/hello:1.0");
  assert.doesNotMatch(stdout, /S3CR3T|UzNDUjNU/);
});

Deno.test("pd deploy --dry-run -o json is one document, and the cluster's registry goes before", async () => {
  const { stdout } = await deploy([
    ...["--dry-run", "-o", "json", "-r", "localhost:5000", "--cluster-registry", "registry:5000"],
    ...["--runtime-class", ""],
  ]);
  assert.match(stdout, /"image": "registry:5000\/hello:1\.0"/);
  assert.doesNotMatch(stdout, /runtimeClassName|S3CR3T|UzNDUjNU/);
  assert.ok(Array.isArray(JSON.parse(stdout)));
});

Deno.test("pd deploy -o dir writes a kustomize base without secrets", async () => {
  const { code, stdout, stderr } = await deploy(
    [".", "-o", "k8s/base", "-n", "batch"],
    async (dir) => {
      const base = `${dir}/k8s/base`;
      const texts: string[] = [];
      for await (const { name } of Deno.readDir(base)) {
        texts.push(await Deno.readTextFile(`${base}/${name}`));
      }
      assert.doesNotMatch(texts.join("\n"), /S3CR3T|UzNDUjNU|kind: Secret/);
      assert.equal(
        await Deno.readTextFile(`${base}/kustomization.yaml`),
        `---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: batch
resources:
  - serviceaccount.yaml
  - networkpolicy.yaml
  - service.yaml
  - deployment.yaml
  - cronjob.yaml
`,
      );
    },
  );
  assert.equal(code, 0);
  assert.match(stdout, /^wrote k8s\/base: serviceaccount\.yaml, /);
  assert.match(stderr, /secrets are not in it.*hello-secrets/);
});

Deno.test("pd deploy -o dir has a file for each CronJob, and the same bytes twice", async () => {
  const { kustomizeBase, manifests } = await import("../builder/mod.ts");
  const { parseWorkflow } = await import("../engine/spec/mod.ts");
  const cron = '{ type: cron, schedule: "@daily" }';
  const text = TEXT.replace(/triggers: .*/, `triggers: [${cron}, ${cron}]`);
  const { spec } = await parseWorkflow(text, { file: "workflow.yaml" });
  assert.ok(spec);
  const files = kustomizeBase(manifests(spec, { image: "hello:1" }));
  const paths = files.map(({ path }) => path);
  assert.ok(paths.includes("cronjob-hello-cron-0.yaml"));
  assert.equal(new Set(paths).size, paths.length);
  assert.deepEqual(kustomizeBase(manifests(structuredClone(spec), { image: "hello:1" })), files);
});

Deno.test("pd deploy refuses two answers at once, with exit code 2", async () => {
  const { code, stderr } = await deploy([".", "--dry-run", "--diff"]);
  assert.equal(code, 2);
  assert.match(stderr, /--dry-run and --diff/);
});

Deno.test("pd deploy --dry-run takes the digest of an image that was pushed from here", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/workflow.yaml`, TEXT);
    const { dataDir } = await import("../engine/storage/mod.ts");
    const { rightsOf, writeBuildRecord } = await import("../builder/mod.ts");
    const env = { HOME: dir };
    const data = dataDir((name) => (env as Record<string, string>)[name]);
    assert.ok(data);
    const digest = `sha256:${"ab".repeat(32)}`;
    await writeBuildRecord(data, "hello", {
      tag: "registry.example.com/hello:1.0",
      id: "sha256:1",
      digest,
      rights: rightsOf({ nodes: [], triggers: [] } as never),
    });
    const io = fakeIo({ cwd: dir, env });
    await runCli(["deploy", "--dry-run", "-r", "registry.example.com"], io);
    assert.ok(io.written.stdout.includes(`image: registry.example.com/hello:1.0@${digest}`));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
