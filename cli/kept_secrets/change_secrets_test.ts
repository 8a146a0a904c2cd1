import assert from "node:assert/strict";
import { openSecretsBackend } from "../../engine/secrets/mod.ts";
import { fakeIo } from "../fake_io.ts";
import { runCli } from "../run_cli.ts";

const KEY = "a long and random key";

/** A folder of its own with secrets in it, and `pd secret` there. */
async function secrets() {
  const cwd = await Deno.makeTempDir({ prefix: "pd-secrets-" });
  const env = { PD_SECRETS: "local://./kept.pd", PD_SECRETS_KEY: KEY };
  return {
    cwd,
    async pd(args: readonly string[], stdin = "") {
      const io = fakeIo({ cwd, env, stdin });
      const code = await runCli(["secret", ...args], io);
      return { code, ...io.written };
    },
    async value(key: string, pipeline?: string) {
      const lookup = (name: string) => name === "PD_SECRETS_KEY" ? KEY : undefined;
      await using backend = await openSecretsBackend(env.PD_SECRETS, { cwd, env: lookup });
      return (await backend.load(pipeline))[key];
    },
    [Symbol.asyncDispose]: () => Deno.remove(cwd, { recursive: true }),
  };
}

Deno.test("pd secret set takes standard input, without the line end of a single line", async () => {
  await using place = await secrets();
  const { code, stdout, stderr } = await place.pd(["set", "TOKEN"], "value of it\n");
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "set TOKEN\n", stderr: "" });
  assert.equal(await place.value("TOKEN"), "value of it");
  await place.pd(["set", "CERT", "--pipeline", "k6"], "one\ntwo\n");
  assert.equal(await place.value("CERT", "k6"), "one\ntwo\n");
  assert.equal(await place.value("CERT"), undefined);
});

Deno.test("pd secret set takes a file, and no value from the command line", async () => {
  await using place = await secrets();
  await Deno.writeTextFile(`${place.cwd}/key`, "from a file\n");
  assert.equal((await place.pd(["set", "TOKEN=@key"])).code, 0);
  assert.equal(await place.value("TOKEN"), "from a file");
  const { code, stderr } = await place.pd(["set", "TOKEN=hunter2-hunter2"]);
  assert.equal(code, 2);
  assert.match(stderr, /fix: pd secret set TOKEN\n/);
  assert.doesNotMatch(stderr, /hunter2/);
});

Deno.test("pd secret list names secrets and whom they are for, and shows no value", async () => {
  await using place = await secrets();
  await place.pd(["set", "TOKEN"], "value-1");
  await place.pd(["set", "TOKEN", "--pipeline", "k6"], "value-2");
  const { stdout } = await place.pd(["list"]);
  assert.equal(stdout, "KEY    FOR\nTOKEN  all pipelines\nTOKEN  k6\n");
  assert.deepEqual(JSON.parse((await place.pd(["list", "-o", "json"])).stdout), {
    secrets: [{ key: "TOKEN", pipeline: null }, { key: "TOKEN", pipeline: "k6" }],
  });
});

Deno.test("pd secret rm removes one, and says what is near one that is not there", async () => {
  await using place = await secrets();
  await place.pd(["set", "TOKEN"], "value");
  const { code, stderr } = await place.pd(["rm", "TOKNE"]);
  assert.equal(code, 1);
  assert.match(stderr, /^error SECRET_MISSING .*did you mean "TOKEN"\?/);
  assert.equal((await place.pd(["rm", "TOKEN"])).stdout, "removed TOKEN\n");
  assert.equal(await place.value("TOKEN"), undefined);
});

Deno.test("pd secret says where secrets are kept when nothing does", async () => {
  const io = fakeIo({});
  assert.equal(await runCli(["secret", "list"], io), 2);
  assert.match(io.written.stderr, /fix: export PD_SECRETS=local:\/\//);
});
