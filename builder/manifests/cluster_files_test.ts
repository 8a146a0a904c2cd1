import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { policyProblems } from "./_policy_problems.ts";
import { schemaProblems } from "./_schema_problems.ts";
import type { PodSpec } from "./mod.ts";

const DEPLOY = new URL("../../deploy/", import.meta.url);
const FILES = ["rbac/deployer", "rbac/preflight", "rbac/optional", "gvisor/runtimeclass"];

async function read(name: string): Promise<readonly { [key: string]: unknown }[]> {
  const text = await Deno.readTextFile(new URL(`${name}.yaml`, DEPLOY));
  return parseAllDocuments(text).map((document) => document.toJS());
}

for (const name of [...FILES, "gvisor/test-pod"]) {
  Deno.test(`deploy/${name}.yaml fits the schemas of Kubernetes`, async () => {
    for (const object of await read(name)) assert.deepEqual(schemaProblems(object), []);
  });
}

Deno.test("deploy/gvisor/test-pod.yaml holds to restricted, and asks for gVisor", async () => {
  const [pod] = await read("gvisor/test-pod");
  assert.deepEqual(policyProblems(pod?.["spec"] as PodSpec, "gvisor"), []);
});

Deno.test("the deployer's role has no wildcard, reads no Secret and starts no program in a pod", async () => {
  const [role] = await read("rbac/deployer");
  const rules = role?.["rules"] as {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
  for (const { apiGroups, resources, verbs } of rules) {
    assert.ok(![...apiGroups, ...resources, ...verbs].includes("*"));
    assert.ok(!resources.includes("pods/exec"));
    if (resources.includes("secrets")) assert.deepEqual(verbs, ["create", "patch", "delete"]);
  }
});
