import assert from "node:assert/strict";
import { registryAuth, splitImage } from "./registry_auth.ts";

Deno.test("splitImage() finds tag and digest, and fetches one tag only", () => {
  assert.deepEqual(splitImage("alpine"), { name: "alpine", tag: "latest" });
  assert.deepEqual(splitImage("box:5000/a/b"), { name: "box:5000/a/b", tag: "latest" });
  assert.deepEqual(splitImage("box:5000/a/b:1"), { name: "box:5000/a/b", tag: "1" });
  assert.deepEqual(splitImage("a@sha256:12"), { name: "a", tag: "sha256:12" });
});

Deno.test("registryAuth() gives the password to its own registry alone", () => {
  const config = JSON.stringify({ auths: { "https://box.example/v1/": { auth: btoa("me:a:b") } } });
  const auth = registryAuth(config, "box.example/app:1") ?? "";
  const bytes = Uint8Array.fromBase64(auth, { alphabet: "base64url" });
  const { username, password } = JSON.parse(new TextDecoder().decode(bytes));
  assert.deepEqual([username, password], ["me", "a:b"]);
  for (const image of ["app:1", "box.example.org/app", "other/box.example"]) {
    assert.equal(registryAuth(config, image), undefined, image);
  }
  assert.equal(registryAuth("no JSON", "app"), undefined);
});
