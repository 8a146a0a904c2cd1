import assert from "node:assert/strict";
import { isWorkflowName, suggestName } from "./workflow_name.ts";

const GOOD = ["a", "demo", "hn-digest", "a1-b2", "a".repeat(63)];
const BAD = ["", "A", "1a", "-a", "a-", "a--b", "a_b", "a b", "a.b", "ä", "a".repeat(64)];

for (const name of GOOD) {
  Deno.test(`isWorkflowName("${name}") is true`, () => assert.ok(isWorkflowName(name)));
}

for (const name of BAD) {
  Deno.test(`suggestName("${name}") is a name, and that was none`, () => {
    assert.ok(!isWorkflowName(name));
    assert.ok(isWorkflowName(suggestName(name)), suggestName(name));
  });
}

Deno.test("suggestName() keeps what can stay", () => {
  assert.equal(suggestName("My Flow"), "my-flow");
  assert.equal(suggestName("HNDigest_v2"), "hndigest-v2");
  assert.equal(suggestName("Größe"), "gro-e");
  assert.equal(suggestName("123"), "my-flow");
});
