import assert from "node:assert/strict";
import { loadSecret, type LoadSecretOptions } from "./mod.ts";

const LONG = "a secret of enough text";

async function inFolder(
  test: (
    cwd: string,
    load: (also?: Partial<LoadSecretOptions>) => ReturnType<typeof loadSecret>,
  ) => Promise<void>,
): Promise<void> {
  const cwd = await Deno.makeTempDir();
  try {
    await test(cwd, (also = {}) => loadSecret({ cwd, env: () => undefined, ...also }));
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

async function modeOf(file: string): Promise<number> {
  return ((await Deno.stat(file)).mode ?? 0) & 0o777;
}

Deno.test("loadSecret() takes the flag before the environment, and that before any file", () =>
  inFolder(async (cwd, load) => {
    await Deno.writeTextFile(`${cwd}/.prunner.yml`, `jwt_secret: ${LONG} file\n`);
    const variables: { [name: string]: string } = {
      PD_JWT_SECRET: `${LONG} pd`,
      PRUNNER_JWT_SECRET: `${LONG} prunner`,
    };
    const env = (name: string) => variables[name];
    assert.equal((await load({ env, flag: LONG })).secret, LONG);
    assert.equal((await load({ env })).secret, `${LONG} pd`);
    delete variables["PD_JWT_SECRET"];
    assert.equal((await load({ env })).secret, `${LONG} prunner`);
    delete variables["PRUNNER_JWT_SECRET"];
    assert.equal((await load({ env })).secret, `${LONG} file`);
  }));

Deno.test("loadSecret() refuses a secret of fewer than 16 characters, without showing it", () =>
  inFolder(async (cwd, load) => {
    await assert.rejects(load({ flag: "short-secret" }), (error: Error) => {
      assert.match(error.message, /at least 16 characters: it has 12$/);
      assert.ok(!error.message.includes("short-secret"));
      return true;
    });
    await Deno.writeTextFile(`${cwd}/c.yml`, "jwt_secret: short-secret\n");
    await assert.rejects(load({ config: "c.yml" }), { code: "CONFIG_INVALID" });
  }));

Deno.test("loadSecret() makes a secret for its owner alone, and finds it again", () =>
  inFolder(async (cwd, load) => {
    const first = await load();
    assert.equal(first.place, `${cwd}/.pd/config.yaml`);
    assert.equal(first.isNew, true);
    assert.equal(first.secret.length, 43);
    assert.equal(await modeOf(first.place), 0o600);
    const second = await load();
    assert.deepEqual(second, { ...first, isNew: false });
    const files = await Array.fromAsync(Deno.readDir(`${cwd}/.pd`), ({ name }) => name);
    assert.deepEqual(files.sort(), [".gitignore", "config.yaml"]);
  }));

Deno.test("loadSecret() leaves other keys and comments of the file as they are", () =>
  inFolder(async (cwd, load) => {
    await Deno.writeTextFile(`${cwd}/.prunner.yml`, "# ours\nverbose: true # why not\n");
    const { place, secret, isNew } = await load();
    assert.equal(isNew, true);
    assert.equal(place, `${cwd}/.prunner.yml`);
    const text = await Deno.readTextFile(place);
    assert.equal(text, `# ours\nverbose: true # why not\njwt_secret: ${secret}\n`);
    assert.equal(await modeOf(place), 0o600);
  }));

Deno.test("loadSecret() by many at once gives all the same secret", () =>
  inFolder(async (_, load) => {
    const all = await Promise.all(Array.from({ length: 10 }, () => load()));
    assert.equal(new Set(all.map(({ secret }) => secret)).size, 1);
    assert.equal(all.filter(({ isNew }) => isNew).length, 1);
  }));

Deno.test("loadSecret() takes digits as text", () =>
  inFolder(async (cwd, load) => {
    await Deno.writeTextFile(`${cwd}/c.yml`, "jwt_secret: 0123456789012345678\n");
    assert.equal((await load({ config: "c.yml" })).secret, "0123456789012345678");
  }));

Deno.test("loadSecret() warns of a file that others can read", () =>
  inFolder(async (cwd, load) => {
    const file = `${cwd}/c.yml`;
    await Deno.writeTextFile(file, `jwt_secret: ${LONG}\n`);
    for (const [mode, want] of [[0o644, 1], [0o640, 1], [0o600, 0], [0o400, 0]] as const) {
      await Deno.chmod(file, mode);
      assert.equal((await load({ config: "c.yml" })).warnings.length, want, mode.toString(8));
    }
  }));

for (
  const [name, text] of [
    ["that is no YAML", "jwt_secret: [oops and a secret"],
    ["that is a list", "- jwt_secret"],
    ["whose secret is no text", "jwt_secret: [1234567890123456]"],
  ] as const
) {
  Deno.test(`loadSecret() refuses a file ${name}, without quoting it`, () =>
    inFolder(async (cwd, load) => {
      await Deno.writeTextFile(`${cwd}/c.yml`, text);
      await assert.rejects(load({ config: "c.yml" }), (error: Error & { code?: string }) => {
        assert.equal(error.code, "CONFIG_INVALID");
        assert.ok(!error.message.includes("oops") && !error.message.includes("1234567890"));
        return true;
      });
    }));
}
