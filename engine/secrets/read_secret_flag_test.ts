import assert from "node:assert/strict";
import { readSecretFlag } from "./mod.ts";

const FILES: { readonly [name: string]: string } = {
  "token.txt": "abc\n",
  "windows.txt": "abc\r\n",
  "key.pem": "-----BEGIN\nabc\n-----END\n",
  "empty.txt": "",
};

const READ = [
  { text: "K=V", value: "V" },
  { text: "K=a=b", value: "a=b" },
  { text: "K=", value: "" },
  { text: "K= with space ", value: " with space " },
  { text: "K=@token.txt", value: "abc" },
  { text: "K=@windows.txt", value: "abc" },
  { text: "K=@key.pem", value: "-----BEGIN\nabc\n-----END\n" },
  { text: "K=@empty.txt", value: "" },
  { text: "K=@@token.txt", value: "@token.txt" },
  { text: "K", value: "from the environment" },
];

Deno.test("readSecretFlag() reads a value as it is, from a file, or from the environment", async () => {
  await using place = await makePlace();
  for (const { text, value } of READ) {
    assert.deepEqual(await readSecretFlag(text, place), { key: "K", value }, text);
  }
});

const MISSING = [
  { text: "UNSET", code: "SECRET_MISSING", says: /"UNSET".*no variable UNSET/ },
  { text: "K=@none.txt", code: "SECRET_MISSING", says: /"K".*"none.txt" does not exist/ },
  { text: "K=@.", code: "SECRET_MISSING", says: /cannot be read/ },
  { text: "K=@binary", code: "SECRETS_INVALID", says: /not UTF-8/ },
  { text: "=hunter2", code: "SECRETS_INVALID", says: /^(?!.*hunter2).*no key/ },
  { text: "", code: "SECRETS_INVALID", says: /no key/ },
];

Deno.test("readSecretFlag() names the key of a secret that is not there, and shows no value", async () => {
  await using place = await makePlace();
  for (const { text, code, says } of MISSING) {
    await assert.rejects(readSecretFlag(text, place), { code, message: says }, text);
  }
});

async function makePlace() {
  const cwd = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(FILES)) {
    await Deno.writeTextFile(`${cwd}/${name}`, text);
  }
  await Deno.writeFile(`${cwd}/binary`, Uint8Array.of(0xff, 0xfe, 0x00));
  return {
    cwd,
    env: (name: string) => name === "K" ? "from the environment" : undefined,
    [Symbol.asyncDispose]: () => Deno.remove(cwd, { recursive: true }),
  };
}
