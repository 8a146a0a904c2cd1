import assert from "node:assert/strict";
import { parseWorkflow, type WorkflowSpec } from "../../engine/spec/mod.ts";
import { DENO_PATH } from "../dockerfile/mod.ts";
import { podOf, policyProblems } from "./_policy_problems.ts";
import { schemaProblems } from "./_schema_problems.ts";
import {
  type CronJobManifest,
  CURL_IMAGE,
  type DeploymentManifest,
  type Manifest,
  manifestNotes,
  type ManifestOptions,
  manifests,
  type NetworkPolicyManifest,
  type SecretManifest,
  toYaml,
  withoutSecretValues,
} from "./mod.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
const OPTIONS: ManifestOptions = { image: "registry.example.com/hello:1.0", namespace: "batch" };
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

async function read(text: string): Promise<WorkflowSpec> {
  const { spec, diagnostics } = await parseWorkflow(text, { file: "workflow.yaml" });
  assert.ok(spec, diagnostics.map(({ message }) => message).join("\n"));
  return spec;
}

/** A workflow with one node; `more` stands below its name. */
function workflow(more = "", { name = "hello", node = "" } = {}): Promise<WorkflowSpec> {
  return read(
    `name: ${name}\nversion: "1.0"\n${more}\nnodes:\n  one:\n    path: ./one.ts\n${node}`,
  );
}

function only<Kind extends Manifest["kind"]>(
  made: readonly Manifest[],
  kind: Kind,
): Extract<Manifest, { kind: Kind }> {
  const found = made.filter((one) => one.kind === kind);
  assert.equal(found.length, 1, kind);
  return found[0] as Extract<Manifest, { kind: Kind }>;
}

function hashOf(made: readonly Manifest[]): string | undefined {
  const { template } = only(made, "Deployment").spec;
  return template.metadata.annotations["pipedreamer.dev/content-hash"];
}

async function cronsOf(more: string): Promise<readonly CronJobManifest[]> {
  return manifests(await workflow(more), OPTIONS).filter(({ kind }) =>
    kind === "CronJob"
  ) as CronJobManifest[];
}

function commandOf(cron: CronJobManifest | undefined): readonly string[] {
  return cron?.spec.jobTemplate.spec.template.spec.containers[0]?.command ?? [];
}

for await (const { name, isDirectory } of Deno.readDir(EXAMPLES)) {
  if (!isDirectory || name === "pipelines") continue;
  Deno.test(`manifests() of examples/${name} fit the schemas and hold to restricted`, async (t) => {
    const spec = await read(await Deno.readTextFile(new URL(`${name}/workflow.yaml`, EXAMPLES)));
    const made = manifests(spec, {
      ...OPTIONS,
      image: `registry.example.com/${spec.name}:${spec.version}`,
      secrets: { github: { token: "FAKE-TOKEN" } },
    });
    for (const manifest of made) {
      assert.deepEqual(schemaProblems(manifest), []);
      const pod = podOf(manifest);
      if (pod !== undefined) assert.deepEqual(policyProblems(pod, "gvisor"), []);
    }
    await t.assertSnapshot(toYaml(withoutSecretValues(made)));
  });
}

Deno.test("schemaProblems() refuses unknown fields, wrong types, doubles and what is missing", async () => {
  const made = only(manifests(await workflow(), OPTIONS), "Deployment");
  const broken = structuredClone(made) as unknown as {
    spec: {
      replicas: unknown;
      selector?: unknown;
      template: { spec: { containers: { ports: unknown[]; imagePullpolicy: string }[] } };
    };
  };
  broken.spec.replicas = "1";
  delete broken.spec.selector;
  const [container] = broken.spec.template.spec.containers;
  assert.ok(container);
  container.imagePullpolicy = "Always";
  container.ports.push(container.ports[0]);
  assert.deepEqual(schemaProblems(broken), [
    "Deployment.spec.selector: is missing",
    'Deployment.spec.replicas: "1" is no integer',
    'Deployment.spec.template.spec.containers[0].ports: has [8080,"TCP"] twice',
    "Deployment.spec.template.spec.containers[0].imagePullpolicy: field not declared in schema",
  ]);
});

Deno.test("manifests() keeps versions and hashes out of a Deployment's selector", async () => {
  const { selector, template } = only(manifests(await workflow(), OPTIONS), "Deployment").spec;
  assert.deepEqual(selector.matchLabels, {
    "app.kubernetes.io/name": "hello",
    "app.kubernetes.io/managed-by": "pipedreamer",
    "app.kubernetes.io/component": "engine",
  });
  for (const [key, value] of Object.entries(selector.matchLabels)) {
    assert.equal(template.metadata.labels[key], value);
  }
});

Deno.test("manifests() roll the pods with the image, its digest and the secrets, and with nothing else", async () => {
  const spec = await workflow();
  const secrets = { github: { token: "one" } };
  const hashes = [
    OPTIONS,
    { ...OPTIONS, image: "registry.example.com/hello:1.1" },
    { ...OPTIONS, imageDigest: DIGEST },
    { ...OPTIONS, imageId: DIGEST },
    { ...OPTIONS, secrets },
    { ...OPTIONS, secrets: { github: { token: "two" } } },
  ].map((options) => hashOf(manifests(spec, options)));
  assert.equal(new Set(hashes).size, hashes.length);
  const same = {
    ...OPTIONS,
    namespace: "other",
    runtimeClass: "",
    secrets: structuredClone(secrets),
  };
  assert.equal(hashOf(manifests(spec, same)), hashes[4]);
});

Deno.test("manifests() pull an image by its digest where it is known", async () => {
  const made = manifests(await workflow(), { ...OPTIONS, imageDigest: DIGEST });
  const [container] = only(made, "Deployment").spec.template.spec.containers;
  assert.equal(container?.image, `registry.example.com/hello:1.0@${DIGEST}`);
});

Deno.test("manifests() have a Secret when values are given, as data and for those who may read it", async () => {
  const node = "    permissions: { net: [], secrets: [github, slack.token] }\n";
  const spec = await workflow("", { node });
  assert.ok(!manifests(spec, OPTIONS).some(({ kind }) => kind === "Secret"));
  const made = manifests(spec, {
    ...OPTIONS,
    secrets: {
      slack: { token: "s", signing: "not needed" },
      github: { user: "u", token: "t" },
      aws: { key: "not needed" },
    },
  });
  const secret: SecretManifest = only(made, "Secret");
  assert.equal(secret.metadata.name, "hello-secrets");
  assert.deepEqual(
    Object.entries(secret.data).map(([key, value]) => [key, atob(value)]),
    [["github", '{"token":"t","user":"u"}'], ["slack", '{"token":"s"}']],
  );
  assert.ok(!("stringData" in secret));
});

Deno.test("manifests() leave the runtime class to the cluster when it is empty", async () => {
  const more = 'triggers: [{ type: cron, schedule: "@daily" }]';
  const made = manifests(await workflow(more), { ...OPTIONS, runtimeClass: "" });
  assert.doesNotMatch(JSON.stringify(made), /runtimeClassName/);
});

Deno.test("manifests() give the pod what a node asks for beyond the usual", async () => {
  const limit = (made: readonly Manifest[]) =>
    (only(made, "Deployment") as DeploymentManifest).spec.template.spec.containers[0]?.resources
      .limits["memory"];
  assert.equal(limit(manifests(await workflow(), OPTIONS)), "256Mi");
  const node = "    memory: 1Gi\n";
  assert.equal(limit(manifests(await workflow("", { node }), OPTIONS)), "1152Mi");
});

Deno.test("manifests() have a CronJob for each schedule, which POSTs the trigger's name once", async (t) => {
  const made = await cronsOf(`triggers:
  - { type: cron, name: daily, schedule: "0 9 * * *", timezone: europe/berlin, overlap: replace }
  - { type: cron, schedule: "*/5 * * * 5-7", overlap: allow, catch_up: last, window: 1h }`);
  assert.deepEqual(made.map(({ metadata }) => metadata.name), ["hello-cron-0", "hello-cron-1"]);
  const [first, second] = made;
  assert.equal(first?.spec.timeZone, "Europe/Berlin");
  assert.equal(first?.spec.concurrencyPolicy, "Replace");
  assert.equal(first?.spec.startingDeadlineSeconds, 120);
  assert.equal(second?.spec.schedule, "*/5 * * * 0,5,6");
  assert.equal(second?.spec.concurrencyPolicy, "Allow");
  assert.equal(second?.spec.startingDeadlineSeconds, 3600);
  for (const { spec } of made) {
    assert.equal(spec.jobTemplate.spec.backoffLimit, 0);
    assert.equal(spec.jobTemplate.spec.template.spec.restartPolicy, "Never");
  }
  await t.assertSnapshot([commandOf(first), commandOf(second)]);
});

Deno.test("manifests() have no CronJob when the engine keeps the schedule, with seconds as well", async () => {
  const triggers = 'triggers: [{ type: cron, schedule: "0 0 9 * * *" }]';
  assert.deepEqual(await cronsOf(`${triggers}\nconfig: { cron: engine }`), []);
  await assert.rejects(cronsOf(triggers), {
    code: "MANIFEST_INVALID",
    fix: "workflow.yaml: config: { cron: engine }",
  });
});

Deno.test("manifests() let a CronJob wait as long as a run may take", async () => {
  const node = "    timeout: 10m\n    retries: 1\n";
  const more = 'triggers: [{ type: cron, schedule: "@hourly" }]';
  const cron = only(manifests(await workflow(more, { node }), OPTIONS), "CronJob");
  const seconds = Number(commandOf(cron)[4]);
  assert.ok(seconds >= 1200, `${seconds}`);
  assert.equal(cron.spec.jobTemplate.spec.activeDeadlineSeconds, seconds + 20);
});

Deno.test("manifests() call with curl, with another image's, or with the workflow's own image", async () => {
  const imageOf = async (config: string) => {
    const [cron] = await cronsOf(
      `triggers: [{ type: cron, name: "$(HOME) $$(HOME)", schedule: "@hourly" }]\nconfig: { ${config} }`,
    );
    const [container] = cron?.spec.jobTemplate.spec.template.spec.containers ?? [];
    return { image: container?.image, command: container?.command };
  };
  const usual = await imageOf("");
  assert.equal(usual.image, CURL_IMAGE);
  // The kubelet would put a variable of the pod there.
  assert.ok(usual.command?.includes('{"trigger":"$$(HOME) $$$$(HOME)"}'));
  assert.equal((await imageOf("cron_image: mirror.example/curl:8")).image, "mirror.example/curl:8");
  const own = await imageOf("cron_image: self");
  assert.equal(own.image, OPTIONS.image);
  assert.deepEqual(own.command?.slice(0, 2), [DENO_PATH, "run"]);
  assert.ok(own.command?.includes("--allow-net=hello:8080"));
});

const EGRESS: readonly (readonly [name: string, net: string, want: unknown])[] = [
  ["nothing for nodes that reach nothing", "net: []", []],
  ["anything for a node that may reach any host", 'net: ["*"]', undefined],
  ["an address by itself, and no DNS", 'net: ["10.1.2.3:8443", "[::1]"]', [
    { to: [{ ipBlock: { cidr: "10.1.2.3/32" } }], ports: [{ protocol: "TCP", port: 8443 }] },
    {
      to: [{ ipBlock: { cidr: "::1/128" } }],
      ports: [{ protocol: "TCP", port: 80 }, { protocol: "TCP", port: 443 }],
    },
  ]],
];

for (const [name, net, want] of EGRESS) {
  Deno.test(`manifests() let out ${name}`, async () => {
    const spec = await workflow("", { node: `    permissions: { ${net} }\n` });
    const { spec: policy } = only(manifests(spec, OPTIONS), "NetworkPolicy");
    assert.deepEqual(policy.egress, want);
    assert.equal(policy.policyTypes.includes("Egress"), want !== undefined);
  });
}

Deno.test("manifests() let out names by their ports, after DNS and with the queue, and never to link-local addresses", async () => {
  const spec = await workflow(
    "triggers: [{ type: queue, subject: a }]\nconfig: { nats_url: nats://nats.example }",
    { node: "    permissions: { net: [api.example.com, db.example:5432] }\n" },
  );
  const { spec: policy }: NetworkPolicyManifest = only(manifests(spec, OPTIONS), "NetworkPolicy");
  const [dns, web, ...rest] = policy.egress ?? [];
  assert.deepEqual(dns?.ports.map(({ port }) => port), [53, 53]);
  assert.deepEqual(web?.ports.map(({ port }) => port), [80, 443, 4222, 5432]);
  assert.deepEqual(rest, []);
  assert.match(JSON.stringify(web?.to), /"except":\["169\.254\.0\.0\/16"\]/);
});

Deno.test("manifests() expose webhooks and nothing else", async () => {
  const more = "triggers: [{ type: webhook, path: /github }]";
  const made = manifests(await workflow(more), { ...OPTIONS, ingress: { host: "h.example.com" } });
  const { spec } = only(made, "Ingress");
  assert.deepEqual(spec.rules.flatMap(({ http }) => http.paths.map(({ path }) => path)), [
    "/hooks/",
  ]);
  assert.match(JSON.stringify(only(made, "NetworkPolicy")), /ingress-nginx/);
  assert.doesNotMatch(JSON.stringify(manifests(await workflow(more), OPTIONS)), /ingress-nginx/);
});

const REFUSED: readonly (readonly [string, string, Partial<ManifestOptions>, RegExp])[] = [
  ["an image that is none", "hello", { image: "https://x/y" }, /an image is \[registry\/\]name/],
  ["a digest that is none", "hello", { imageDigest: "sha256:12" }, /a digest is/],
  ["an ingress without webhooks", "hello", { ingress: { host: "h.example.com" } }, /has none/],
  ["a host that is none", "hello", { ingress: { host: "https://x" } }, /needs a host name/],
  ["a service that is no file name", "hello", { secrets: { "a/b": {} } }, /letters, digits/],
  ["secrets above 1 MiB", "hello", { secrets: { a: { b: "x".repeat(800_000) } } }, /at most 1 MiB/],
];

for (const [what, name, options, message] of REFUSED) {
  Deno.test(`manifests() refuses ${what}, and says what to do`, async () => {
    const spec = await workflow("", { name });
    assert.throws(() => manifests(spec, { ...OPTIONS, ...options }), (error: Error) => {
      assert.match(error.message, message);
      assert.equal((error as { code?: string }).code, "MANIFEST_INVALID");
      assert.ok((error as { fix?: string }).fix);
      return true;
    });
  });
}

const NAMES: readonly (readonly [crons: number, longest: number])[] = [
  [0, 63],
  [1, 47],
  [2, 45],
  [10, 45],
  [11, 44],
];

for (const [crons, longest] of NAMES) {
  Deno.test(`manifests() take a name of ${longest} characters beside ${crons} schedules, and no more`, async () => {
    const triggers = Array.from({ length: crons }, () => '{ type: cron, schedule: "@daily" }');
    const base = await workflow(`triggers: [${triggers.join(", ")}]`);
    const named = (length: number) => ({ ...base, name: "x".repeat(length) });
    const names = manifests(named(longest), OPTIONS).map(({ metadata }) => metadata.name);
    const most = crons === 0 ? 63 : 52;
    assert.ok(names.every((name) => name.length <= Math.max(most, "-secrets".length + longest)));
    assert.throws(() => manifests(named(longest + 1), OPTIONS), {
      code: "MANIFEST_INVALID",
      fix: `workflow.yaml: name: ${"x".repeat(longest)}`,
    });
  });
}

Deno.test("manifestNotes() tell what a CronJob does otherwise, and that the pod has no driver", async () => {
  const cron = 'type: cron, schedule: "@daily", jitter: 5m, catch_up: all';
  const notes = manifestNotes(await workflow(`triggers: [{ ${cron} }]`));
  assert.equal(notes.length, 2);
  const image = "  two:\n    image: alpine:3\n    run: ls\n";
  assert.match(manifestNotes(await workflow("", { node: image })).join(), /driver/);
});
