import assert from "node:assert/strict";
import { PdError } from "../errors/mod.ts";
import { openSecretsBackend } from "./mod.ts";

const REFUSED = [
  { name: "no address", text: "secrets.pd", says: /scheme:\/\/path/ },
  { name: "a store that there is not", text: "vault://x?key=hunter2", says: /not "vault"/ },
  { name: "no path", text: "local://?key=hunter2", says: /path of a file/ },
  { name: "an unknown parameter", text: "local:///x?kee=hunter2", says: /"kee"/ },
  { name: "two keys", text: "local:///x?key=hunter2&key_env=K", says: /key and key_env/ },
  { name: "a percent sign alone", text: "local:///x?key=hunter2%", says: /this is none/ },
];

for (const { name, text, says } of REFUSED) {
  Deno.test(`an address with ${name} is refused without showing the key`, async () => {
    await assert.rejects(openSecretsBackend(text, { env: () => undefined, cwd: "/" }), (error) => {
      assert.ok(error instanceof PdError);
      assert.equal(error.code, "SECRETS_INVALID");
      assert.match(error.message, says);
      assert.ok(!`${error.message}${error.fix}`.includes("hunter2"));
      return true;
    });
  });
}

Deno.test("the key comes from the address, a file, a variable of choice or PD_SECRETS_KEY, all the same", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const env: Record<string, string> = { PD_SECRETS_KEY: "a+b c", MINE: "a+b c" };
    await Deno.writeTextFile(`${cwd}/key`, "a+b c\n");
    const open = (params: string) =>
      openSecretsBackend(`local://./sub/s.pd${params}`, { env: (name) => env[name], cwd });
    await using first = await open("");
    await first.set(undefined, "A", "1");
    for (
      const params of ["?key=a+b%20c", "?key_file=key", `?key_file=${cwd}/key`, "?key_env=MINE"]
    ) {
      await using backend = await open(params);
      assert.deepEqual(await backend.load(undefined), { A: "1" }, params);
    }
    for (const params of ["?key=", "?key_file=none", "?key_env=UNSET"]) {
      await using backend = await open(params);
      await assert.rejects(backend.load(undefined), { code: "SECRETS_KEY_MISSING" }, params);
    }
    assert.equal(((await Deno.stat(`${cwd}/sub`)).mode ?? 0) & 0o777, 0o700);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
