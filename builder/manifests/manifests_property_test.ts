import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { generate } from "./_generated_workflow.ts";
import { podOf, policyProblems } from "./_policy_problems.ts";
import { schemaProblems } from "./_schema_problems.ts";
import { manifests, toYaml, withoutSecretValues } from "./mod.ts";

const COUNT = 1_000;
const SEEDS = Array.from({ length: COUNT }, (_, index) => index + 1);

/** Made once for all of these tests. */
const CASES = SEEDS.map((seed) => {
  const { spec, options } = generate(seed);
  return { seed, spec, options, made: manifests(spec, options) };
});

Deno.test("manifests() of 1 000 workflows fit the schemas of Kubernetes, with no unknown field", () => {
  for (const { seed, made } of CASES) {
    for (const manifest of made) {
      assert.deepEqual(schemaProblems(manifest), [], `seed ${seed}`);
    }
  }
});

Deno.test("manifests() of 1 000 workflows hold to Pod Security restricted, and to our own rules", () => {
  for (const { seed, made, options } of CASES) {
    const runtimeClass = (options.runtimeClass ?? "gvisor") || undefined;
    for (const manifest of made) {
      const pod = podOf(manifest);
      if (pod === undefined) continue;
      assert.deepEqual(policyProblems(pod, runtimeClass), [], `seed ${seed}`);
    }
  }
});

Deno.test("manifests() of 1 000 workflows have names, labels and values within the limits", () => {
  for (const { seed, made } of CASES) {
    const ids = made.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    assert.equal(new Set(ids).size, ids.length, `seed ${seed}`);
    for (const { kind, metadata } of made) {
      const longest = kind === "CronJob" ? 52 : kind === "Secret" ? 253 : 63;
      assert.ok(metadata.name.length <= longest, `seed ${seed}: ${metadata.name}`);
      for (const value of Object.values(metadata.labels)) {
        assert.match(value, /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, `seed ${seed}`);
      }
    }
  }
});

Deno.test("toYaml() of 200 workflows reads back as the same objects, by YAML 1.1 and 1.2", () => {
  for (const { seed, spec, options, made } of CASES.slice(0, 200)) {
    const text = toYaml(made);
    assert.equal(text, toYaml(manifests(structuredClone(spec), structuredClone(options))));
    for (const version of ["1.1", "1.2"] as const) {
      const read = parseAllDocuments(text, { version, merge: false });
      assert.deepEqual(read.map((document) => document.toJS()), made, `seed ${seed}, ${version}`);
    }
  }
});

Deno.test("withoutSecretValues() leaves none in 200 workflows", () => {
  for (const { seed, spec, options } of CASES.slice(0, 200)) {
    const secrets = { github: { token: "S3CR3T-t0ken" }, nats: { token: "S3CR3T-t0ken" } };
    const text = JSON.stringify(withoutSecretValues(manifests(spec, { ...options, secrets })));
    assert.doesNotMatch(text, /S3CR3T|UzNDUjNU|M0NSM1|NDUjNUL/, `seed ${seed}`);
  }
});
