import assert from "node:assert/strict";
import { systemClock } from "../engine/clock/mod.ts";
import { type Driver, openDriver } from "../engine/drivers/mod.ts";
import { currentOwner } from "../engine/storage/mod.ts";
import { runIn, startBox, textStream } from "./_docker_driver.ts";
import { BUSYBOX, DockerServer, SHELL_LESS } from "./_docker_server.ts";
import { failure, KubernetesServer } from "./_kubernetes_server.ts";

const found = await DockerServer.find();
let docker: DockerServer;
let server: KubernetesServer;
Deno.test.beforeAll(async () => {
  if (found.status === "missing") return;
  docker = await DockerServer.start();
  server = await KubernetesServer.start(docker);
});
Deno.test.afterAll(async () => {
  if (found.status === "missing") return;
  await server[Symbol.asyncDispose]();
  await docker[Symbol.asyncDispose]();
});

function test(name: string, run: (driver: Driver) => Promise<void>, params = ""): void {
  Deno.test({
    name: `kubernetes driver: ${name}`,
    ignore: found.status === "missing",
    // The server of all cases is in this process, and accepts connections meanwhile.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      server.refusals.clear();
      server.requests.length = 0;
      await using driver = await open(params);
      await run(driver);
    },
  });
}

async function open(params: string, kubeconfig = server.kubeconfig): Promise<Driver> {
  return await openDriver(`k8s://test?helper_image=${encodeURIComponent(BUSYBOX)}${params}`, {
    clock: systemClock,
    owner: currentOwner(),
    env: (name) => name === "KUBECONFIG" ? kubeconfig : undefined,
    cwd: "/nonexistent",
    dataDir: "/nonexistent",
    onWarning() {},
  });
}

// deno-lint-ignore no-explicit-any -- the body of a pod
const onlyPod = (): any => {
  assert.equal(server.pods.length, 1);
  return server.pods[0];
};

test("a pod has no token, a deadline, and nothing of the command", async (driver) => {
  const abort = new AbortController();
  let pod;
  const ran = runIn(driver, ["sh", "-c", "sleep 100", "word-of-the-command"], {
    env: { KEY: "value-of-a-secret" },
    io: {
      signal: abort.signal,
      onStart() {
        pod = onlyPod();
        abort.abort(new Error("enough"));
      },
    },
  });
  await assert.rejects(ran, /^Error: enough$/);
  const { spec, metadata } = Object(pod);
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(spec.restartPolicy, "Never");
  assert.equal(spec.activeDeadlineSeconds, 86_400);
  assert.equal(spec.containers[0].securityContext.allowPrivilegeEscalation, false);
  assert.equal(metadata.labels["app.kubernetes.io/managed-by"], "pipedreamer");
  const all = JSON.stringify(pod) + server.requests.join();
  assert.doesNotMatch(all, /value-of-a-secret|word-of-the-command/);
  assert.deepEqual(server.pods, []);
});

test("it meets the restricted level where a namespace asks for it", async (driver) => {
  const said = 'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot';
  server.refusals.set("POST", failure(403, "Forbidden", said));
  await assert.rejects(runIn(driver, ["true"]), {
    code: "TASK_INVALID",
    fix: 'user: "65534:65534", or k8s://?run_as=65534:65534',
  });
  assert.equal(server.requests.filter((one) => one.startsWith("POST")).length, 2);
});

test("it runs as the user of its address", async (driver) => {
  let security;
  const { stdout } = await runIn(driver, ["id", "-u"], {
    io: { onStart: () => security = onlyPod().spec.containers[0].securityContext },
  });
  assert.equal(stdout, "65534\n");
  assert.deepEqual(security, {
    runAsUser: 65534,
    runAsGroup: 65534,
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"] },
  });
}, "&run_as=65534:65534");

const REFUSALS = {
  "exceeded quota": ["TASK_INVALID", 'pods "x" is forbidden: exceeded quota: q', /resourcequota/],
  "no service account": [
    "TASK_INVALID",
    'pods "x" is forbidden: error looking up service account tests/x: serviceaccount "x" not found',
    /service_account=/,
  ],
  "no right": [
    "DRIVER_UNAVAILABLE",
    'pods is forbidden: User "jo" cannot create resource "pods" in API group "" in the namespace "tests"',
    /--verb=create --resource=pods && .* --user='jo'/,
  ],
} as const;
for (const [what, [code, said, fix]] of Object.entries(REFUSALS)) {
  test(`it says why a pod is refused: ${what}`, async (driver) => {
    server.refusals.set("POST", failure(403, "Forbidden", said));
    await assert.rejects(runIn(driver, ["true"]), (error) => {
      assert.equal(Reflect.get(Object(error), "code"), code);
      assert.match(String(Reflect.get(Object(error), "fix")), fix);
      return true;
    });
  });
}

test("it says which right is missing for commands, and leaves no pod", async (driver) => {
  const said = 'pods "x" is forbidden: User "jo" cannot get resource "pods/exec" in API group "" ' +
    'in the namespace "tests"';
  server.refusals.set("UPGRADE", failure(403, "Forbidden", said));
  await assert.rejects(runIn(driver, ["true"]), {
    code: "DRIVER_UNAVAILABLE",
    fix: /--verb=get --resource=pods\/exec/,
  });
  assert.deepEqual(server.pods, []);
});

test("an image without a shell runs as the pod itself", async (driver) => {
  const { code, stdout } = await runIn(driver, ["/bin/busybox", "echo", "$(A)", "b  c"], {
    image: SHELL_LESS,
  });
  assert.deepEqual([code, stdout], [0, "$(A) b  c\n"]);
  const command = ["/bin/busybox", "cat"];
  const io = { stdin: textStream("x") };
  await assert.rejects(runIn(driver, command, { image: SHELL_LESS, io }), {
    code: "NOT_SUPPORTED",
  });
  await assert.rejects(startBox(driver, { image: SHELL_LESS }), { code: "NOT_SUPPORTED" });
  assert.deepEqual(server.pods, []);
});

test("what the image itself runs has its variables and its exit code", async (driver) => {
  await docker.buildImage("pd-test/own:1", {
    changes: ['ENTRYPOINT ["/bin/sh", "-c", "echo $A; exit 5"]'],
  });
  const ran = await runIn(driver, undefined, { image: "pd-test/own:1", env: { A: "$(B) c" } });
  assert.deepEqual([ran.code, ran.stdout], [5, "$(B) c\n"]);
});

test("a user is numbers", async (driver) => {
  await assert.rejects(runIn(driver, ["true"], { user: "app" }), { code: "NOT_SUPPORTED" });
  await using box = await startBox(driver);
  await assert.rejects(box.exec(["true"], { user: "1000" }), { code: "NOT_SUPPORTED" });
});

test("pods of a run go to one node, as their volumes are of one", async (driver) => {
  const volume = await driver.createVolume({ runId: "run", name: "workdir" });
  const mounts = [{ volume, path: "/workspace", readOnly: false }];
  let affinity;
  await runIn(driver, ["true"], {
    mounts,
    io: { onStart: () => affinity = onlyPod().spec.affinity },
  });
  assert.match(JSON.stringify(affinity), /"pipedreamer.io\/run":"run".*kubernetes.io\/hostname/);
});

Deno.test("kubernetes driver: without a cluster it says where it looked", async () => {
  await using driver = await open("", "/nonexistent/kubeconfig");
  await assert.rejects(driver.ready(), {
    code: "DRIVER_INVALID",
    message: /\/nonexistent\/kubeconfig/,
    fix: "KUBECONFIG=/path/to/kubeconfig",
  });
});

Deno.test("kubernetes driver: a cluster that nobody answers for is told at once", async () => {
  const dir = await Deno.makeTempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  try {
    await Deno.writeTextFile(
      `${dir}/config`,
      JSON.stringify({
        contexts: [{ name: "test", context: { cluster: "c" } }],
        clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
      }),
    );
    await using driver = await open("", `${dir}/config`);
    await assert.rejects(driver.ready(), {
      code: "DRIVER_UNAVAILABLE",
      message: /context "test" at http:\/\/127\.0\.0\.1:\d+ as nobody answers there/,
    });
    await assert.rejects(runIn(driver, ["true"]), { code: "DRIVER_UNAVAILABLE" });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
