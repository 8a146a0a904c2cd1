import assert from "node:assert/strict";
import { mayDo, type Principal, type Scope } from "./mod.ts";

function somebody(scope: Scope, workflows?: readonly string[]): Principal {
  return { subject: "ann", scope, workflows };
}

const CASES: readonly (readonly [
  name: string,
  principal: Principal,
  scope: Scope,
  workflow: string | undefined,
  want: boolean,
])[] = [
  ["read with read", somebody("read"), "read", undefined, true],
  ["run with read", somebody("read"), "run", undefined, false],
  ["read with run", somebody("run"), "read", "a", true],
  ["admin with run", somebody("run"), "admin", undefined, false],
  ["admin with admin", somebody("admin"), "admin", "a", true],
  ["run of a workflow that is granted", somebody("run", ["a"]), "run", "a", true],
  ["run of another workflow", somebody("run", ["a"]), "run", "ab", false],
  ["run of one by a prefix", somebody("run", ["deploy-*"]), "run", "deploy-eu", true],
  ["run of one that only resembles it", somebody("run", ["deploy-*"]), "run", "deploy", false],
  ["run of anything by *", somebody("run", ["*"]), "run", "x", true],
  ["run of anything without a grant", somebody("run", []), "run", "x", false],
  ["run as an admin with grants", somebody("admin", ["a"]), "run", "x", true],
];

for (const [name, principal, scope, workflow, want] of CASES) {
  const verb = want ? "allows" : "refuses";
  Deno.test(`mayDo() ${verb} to ask for ${name}`, () => {
    assert.equal(mayDo(principal, scope, workflow), want);
  });
}
