import assert from "node:assert/strict";
import { workflowKeyOf } from "./mod.ts";

const CASES: readonly (readonly [file: string, key: string])[] = [
  ["/srv/digest/workflow.yaml", "/srv/digest"],
  ["/srv/digest/workflow.yml", "/srv/digest"],
  ["/workflow.yaml", "/"],
  ["/srv/digest/nightly.yaml", "/srv/digest/nightly.yaml"],
  ["/srv/digest/my-workflow.yaml", "/srv/digest/my-workflow.yaml"],
];

for (const [file, key] of CASES) {
  Deno.test(`workflowKeyOf() keeps the runs of ${file} under ${key}`, () => {
    assert.equal(workflowKeyOf(file), key);
  });
}
