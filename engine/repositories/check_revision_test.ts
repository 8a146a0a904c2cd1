import assert from "node:assert/strict";
import { branchOf, checkBranch, checkCommit, checkRef, isNoCommit } from "./check_revision.ts";
import { checkWorkflowPath } from "./check_repository.ts";

const REFUSED = { code: "GIT_REF_INVALID" };

for (const ref of ["refs/heads/main", "refs/heads/a/b-c_d.e", "refs/tags/v1.0", "refs/heads/ž"]) {
  Deno.test(`${ref} is a ref`, () => checkRef(ref));
}

for (
  const ref of [
    "main",
    "HEAD",
    "refs/heads/",
    "refs/remotes/x",
    "refs/heads/a..b",
    "refs/heads/a b",
    "refs/heads/a~1",
    "refs/heads/a^",
    "refs/heads/a:b",
    "refs/heads/*",
    "refs/heads/a@{1}",
    "refs/heads/.a",
    "refs/heads/a.lock",
    "refs/heads/a/",
    "refs/heads/a//b",
    "refs/heads/../../x",
    "--upload-pack=id",
    `refs/heads/${"a".repeat(400)}`,
  ]
) {
  Deno.test(`${ref.slice(0, 40)} is none`, () => assert.throws(() => checkRef(ref), REFUSED));
}

Deno.test("a branch does not begin like a flag", () => {
  checkBranch("feature/x");
  for (const branch of ["", "-x", "--all", "/x", "a\\b", "a b"]) {
    assert.throws(() => checkBranch(branch), REFUSED);
  }
});

Deno.test("a commit is hexadecimal digits, 7 at least, and not zeros alone", () => {
  checkCommit("a".repeat(40));
  checkCommit("0123abc");
  for (const commit of ["", "HEAD", "abc", "A".repeat(40), "0".repeat(40), "-".repeat(40)]) {
    assert.throws(() => checkCommit(commit), REFUSED);
  }
  assert.deepEqual(["0".repeat(40), "0".repeat(64), "0".repeat(7)].map(isNoCommit), [
    true,
    true,
    false,
  ]);
});

Deno.test("a tag has no branch", () => {
  assert.equal(branchOf("refs/heads/a/b"), "a/b");
  assert.equal(branchOf("refs/tags/v1"), undefined);
});

Deno.test("the path of a workflow stays in its repository", () => {
  for (const path of ["ci", ".", "ci/workflow.yaml", ".pd/pipelines", "a..b"]) {
    checkWorkflowPath(path);
  }
  for (const path of ["", "/etc", "..", "a/../../b", ".git/hooks", "a\\b", "a\0"]) {
    assert.throws(() => checkWorkflowPath(path), { code: "PATH_ESCAPE" });
  }
});
