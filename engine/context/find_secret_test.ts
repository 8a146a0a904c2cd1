import assert from "node:assert/strict";
import { findSecret, secretNameOf } from "./find_secret.ts";

Deno.test("a value that begins with secret: names a secret, and no other does", () => {
  assert.equal(secretNameOf("secret:github.token"), "github.token");
  assert.equal(secretNameOf("my secret:KEY"), undefined);
});

const SECRETS = {
  KEY: { value: "1" },
  github: { token: "2" },
  "a.b": { "c.d": "3" },
};

for (
  const [name, value] of [
    ["KEY", "1"],
    ["KEY.value", "1"],
    ["github.token", "2"],
    ["a.b.c.d", "3"],
    ["github", undefined],
    ["github.other", undefined],
    ["constructor", undefined],
    ["github.constructor", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`the secret "${name}" is ${value ?? "none"}`, () => {
    assert.equal(findSecret(SECRETS, name), value);
  });
}
