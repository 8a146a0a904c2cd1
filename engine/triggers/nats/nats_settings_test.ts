import assert from "node:assert/strict";
import { readNatsSettings } from "./nats_settings.ts";

const URL = "nats://127.0.0.1:4222";

const CREDENTIALS: readonly (readonly [
  name: string,
  nats: { readonly [key: string]: string },
  want: unknown,
])[] = [
  ["a token", { token: "t0ken" }, { kind: "token", token: "t0ken" }],
  ["a file of plain text as a token", { value: "t0ken" }, { kind: "token", token: "t0ken" }],
  ["user and password", { user: "ada", password: "pw" }, {
    kind: "user",
    user: "ada",
    password: "pw",
  }],
  ["an nkey", { nkey: "SUA…\n" }, { kind: "nkey", seed: "SUA…" }],
  ["the text of a creds file", { creds: "-----BEGIN NATS USER JWT-----" }, {
    kind: "creds",
    text: "-----BEGIN NATS USER JWT-----",
  }],
  ["nothing", {}, { kind: "none" }],
];

for (const [name, nats, want] of CREDENTIALS) {
  Deno.test(`readNatsSettings() reads ${name}`, async () => {
    const source = { config: { nats_url: URL }, secrets: { nats }, dir: "." };
    assert.deepEqual((await readNatsSettings(source)).credentials, want);
  });
}

Deno.test("readNatsSettings() reads several servers, and wants TLS when one says so", async () => {
  const config = { nats_url: "tls://a:4222, nats://b:4222", nats_create: true };
  const settings = await readNatsSettings({ config, secrets: {}, dir: "." });
  assert.deepEqual(settings.servers, ["tls://a:4222", "nats://b:4222"]);
  assert.equal(settings.requiresTls, true);
  assert.equal(settings.mayCreate, true);
});

Deno.test("readNatsSettings() reads files relative to the workflow folder", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/ca.pem`, "an authority");
    await Deno.writeTextFile(`${dir}/me.creds`, "a user");
    const settings = await readNatsSettings({
      config: { nats_url: URL, nats_ca: "./ca.pem" },
      secrets: { nats: { creds: "me.creds" } },
      dir,
    });
    assert.equal(settings.ca, "an authority");
    assert.equal(settings.requiresTls, true);
    assert.deepEqual(settings.credentials, { kind: "creds", text: "a user" });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("readNatsSettings() says which key is missing or wrong, and shows no secret", async () => {
  await assert.rejects(readNatsSettings({ config: {}, secrets: {}, dir: "." }), {
    code: "TRIGGER_UNAVAILABLE",
    fix: /nats_url: nats:/,
  });
  const secrets = { nats: { creds: "a-token-in-the-wrong-place" } };
  await assert.rejects(
    readNatsSettings({ config: { nats_url: URL }, secrets, dir: "." }),
    (error: Error & { code: string }) => {
      assert.equal(error.code, "TRIGGER_UNAVAILABLE");
      assert.match(error.message, /secrets\.nats\.creds/);
      assert.ok(!Deno.inspect(error).includes("a-token"));
      return true;
    },
  );
});
