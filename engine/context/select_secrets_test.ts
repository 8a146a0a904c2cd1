import assert from "node:assert/strict";
import { selectSecrets } from "./select_secrets.ts";

const SECRETS = {
  github: { token: "t", user: "u" },
  "my.service": { key: "k", "a.b": "ab" },
  hn: { value: "v" },
};

const SELECTIONS: readonly [names: readonly string[] | undefined, want: unknown][] = [
  [undefined, SECRETS],
  [[], {}],
  [["github"], { github: SECRETS.github }],
  [["github.token"], { github: { token: "t" } }],
  [["github.token", "github.user"], { github: SECRETS.github }],
  [["github.token", "github"], { github: SECRETS.github }],
  [["my.service"], { "my.service": SECRETS["my.service"] }],
  [["my.service.a.b"], { "my.service": { "a.b": "ab" } }],
  [["unknown", "github.none", "git", "", ".", "__proto__", "hn."], {}],
];

for (const [names, want] of SELECTIONS) {
  Deno.test(`permissions.secrets ${JSON.stringify(names)} selects just that`, () => {
    const selected = selectSecrets(SECRETS, names);
    assert.deepEqual(selected, want);
    assert.ok(Object.isFrozen(selected));
  });
}
