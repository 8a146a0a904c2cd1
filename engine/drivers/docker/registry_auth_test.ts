import assert from "node:assert/strict";
import { registryAuth, splitImage } from "./registry_auth.ts";

Deno.test("splitImage() finds tag and digest, and fetches one tag only", () => {
  assert.deepEqual(splitImage("alpine"), { name: "alpine", tag: "latest" });
  assert.deepEqual(splitImage("box:5000/a/b"), { name: "box:5000/a/b", tag: "latest" });
  assert.deepEqual(splitImage("box:5000/a/b:1"), { name: "box:5000/a/b", tag: "1" });
  assert.deepEqual(splitImage("a@sha256:12"), { name: "a", tag: "sha256:12" });
});

function decoded(auth: string | undefined): unknown {
  const bytes = Uint8Array.fromBase64(auth ?? "", { alphabet: "base64url" });
  return auth === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}

const nobody = () => Promise.resolve(undefined);

Deno.test("registryAuth() gives the password to its own registry alone", async () => {
  const serveraddress = "https://box.example/v1/";
  const config = JSON.stringify({ auths: { [serveraddress]: { auth: btoa("me:a:b") } } });
  assert.deepEqual(decoded(await registryAuth(config, "box.example/app:1", nobody)), {
    username: "me",
    password: "a:b",
    serveraddress,
  });
  for (const image of ["app:1", "box.example.org/app", "other/box.example"]) {
    assert.equal(await registryAuth(config, image, nobody), undefined, image);
  }
  assert.equal(await registryAuth("no JSON", "app", nobody), undefined);
});

Deno.test("registryAuth() asks the helper of the image's registry, else the one for all", async () => {
  const config = JSON.stringify({
    auths: { "box.example": {}, "https://index.docker.io/v1/": {} },
    credHelpers: { "gcr.example": "gcloud" },
    credsStore: "desktop",
  });
  const asked: string[] = [];
  const answer = async (image: string, username = "me") =>
    decoded(
      await registryAuth(config, image, (helper, registry) => {
        asked.push(`${helper} ${registry}`);
        return Promise.resolve({ username, password: "pw" });
      }),
    );
  assert.deepEqual(await answer("box.example/a:1"), {
    username: "me",
    password: "pw",
    serveraddress: "box.example",
  });
  assert.deepEqual(await answer("gcr.example/a", "<token>"), {
    identitytoken: "pw",
    serveraddress: "gcr.example",
  });
  await answer("alpine");
  assert.deepEqual(asked, [
    "desktop box.example",
    "gcloud gcr.example",
    "desktop https://index.docker.io/v1/",
  ]);
});

Deno.test("registryAuth() takes what the file has when the helper knows nothing", async () => {
  const config = JSON.stringify({
    auths: { "box.example": { auth: btoa("me:pw") } },
    credsStore: "desktop",
  });
  const auth = decoded(await registryAuth(config, "box.example/a", nobody));
  assert.deepEqual(auth, { username: "me", password: "pw", serveraddress: "box.example" });
});
