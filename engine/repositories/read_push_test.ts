import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { loadWebhookSchemes } from "../triggers/mod.ts";
import { readPush } from "./read_push.ts";

const schemes = await loadWebhookSchemes();
const SECRET = "a secret";
const COMMIT = "c".repeat(40);

function read(body: unknown, headers: { readonly [name: string]: string }, isSigned = true) {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const signature = createHmac("sha256", SECRET).update(bytes).digest("hex");
  const flaws: string[] = [];
  const given = new Headers({
    "content-type": "application/json",
    ...isSigned ? { "x-hub-signature-256": `sha256=${signature}` } : {},
    ...headers,
  });
  const delivery = { headers: given, body: bytes };
  const push = () =>
    readPush(delivery, { schemes, secret: SECRET, now: 0, onRefusal: (flaw) => flaws.push(flaw) });
  return { push, flaws };
}

const SENDERS = {
  GitHub: [
    { ref: "refs/heads/main", after: COMMIT, pusher: { name: "bob" } },
    { "x-github-event": "push", "x-github-delivery": "1" },
  ],
  Gitea: [
    { ref: "refs/heads/main", after: COMMIT, pusher: { login: "bob" } },
    { "x-gitea-event": "push", "x-gitea-delivery": "1", "x-github-delivery": "1" },
  ],
  GitLab: [
    { ref: "refs/heads/main", after: "a".repeat(40), checkout_sha: COMMIT, user_username: "bob" },
    { "x-gitlab-event": "Push Hook", "x-gitlab-token": SECRET, "idempotency-key": "1" },
  ],
} as const;

for (const [sender, [body, headers]] of Object.entries(SENDERS)) {
  Deno.test(`a push of ${sender} says what was pushed, and by whom`, () => {
    assert.deepEqual(read(body, headers).push(), {
      kind: "push",
      ref: "refs/heads/main",
      commit: COMMIT,
      user: "bob",
      delivery: "1",
    });
  });
}

Deno.test("a delivery that is not verified is refused without saying why to its sender", () => {
  const { push, flaws } = read({}, { "x-github-event": "push" }, false);
  assert.throws(push, (error: Error & { code?: string }) => {
    assert.equal(error.code, "WEBHOOK_REFUSED");
    assert.equal(/signature/.test(error.message), false);
    return true;
  });
  assert.deepEqual(flaws, ["it has no x-hub-signature-256"]);
});

Deno.test("whoever signs as GitHub and says to be GitLab is refused", () => {
  const body = { ref: "refs/heads/main", after: COMMIT };
  const { push } = read(body, { "x-gitlab-event": "Push Hook" });
  assert.throws(push, { code: "WEBHOOK_REFUSED" });
});

Deno.test("a ping, another event and a deleted branch start nothing, and a push without a commit is bad", () => {
  const gone = { ref: "refs/heads/x", after: "0".repeat(40) };
  assert.equal(read({}, { "x-github-event": "ping" }).push().kind, "nothing");
  assert.equal(read({}, { "x-github-event": "issues" }).push().kind, "nothing");
  assert.equal(read(gone, { "x-github-event": "push" }).push().kind, "nothing");
  const headers = { "x-github-event": "push" };
  for (const body of [{}, [], null, { ref: "refs/heads/x" }, { ref: 1, after: {} }]) {
    assert.throws(read(body, headers).push, { code: "BAD_REQUEST" });
  }
});
