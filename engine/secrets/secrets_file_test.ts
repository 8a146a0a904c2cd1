import assert from "node:assert/strict";
import { PdError } from "../errors/mod.ts";
import { openSecretsBackend } from "./mod.ts";
import type { SecretsBackend } from "./mod.ts";

const KEY = "correct horse battery staple";

Deno.test("what was set is loaded by another backend with the same key, whatever text it is", async () => {
  await using place = await makePlace();
  const values = new Map(Array.from({ length: 24 }, (_, seed) => [`KEY_${seed}`, textOf(seed)]));
  for (const odd of ["", "\0", "\uD800", "\u{1F600}\r\n", "=@#", "__proto__", "x".repeat(70_000)]) {
    values.set(`ODD_${values.size}`, odd);
  }
  values.set("__proto__", "of an object");
  {
    await using backend = await place.open();
    for (const [key, value] of values) await backend.set(undefined, key, value);
  }
  await using other = await place.open();
  assert.deepEqual(new Map(Object.entries(await other.load(undefined))), values);
});

Deno.test("those of a pipeline lie over the global ones, and no other pipeline sees them", async () => {
  await using place = await makePlace();
  await using backend = await place.open();
  await backend.set(undefined, "TOKEN", "global");
  await backend.set(undefined, "URL", "everywhere");
  await backend.set({ pipeline: "k6" }, "TOKEN", "of k6");
  await backend.set({ pipeline: "k6" }, "ONLY", "there");
  assert.deepEqual(await backend.load("k6"), { TOKEN: "of k6", URL: "everywhere", ONLY: "there" });
  assert.deepEqual(await backend.load("other"), { TOKEN: "global", URL: "everywhere" });
  assert.deepEqual(await backend.load(undefined), { TOKEN: "global", URL: "everywhere" });
  assert.deepEqual(await backend.list(), [
    { scope: undefined, key: "TOKEN" },
    { scope: undefined, key: "URL" },
    { scope: { pipeline: "k6" }, key: "ONLY" },
    { scope: { pipeline: "k6" }, key: "TOKEN" },
  ]);
  assert.equal(await backend.remove({ pipeline: "k6" }, "TOKEN"), true);
  assert.equal(await backend.remove({ pipeline: "k6" }, "TOKEN"), false);
  assert.deepEqual(await backend.load("k6"), { TOKEN: "global", URL: "everywhere", ONLY: "there" });
});

Deno.test("a file that does not exist is one without secrets, and needs no key", async () => {
  await using place = await makePlace();
  await using backend = await place.open({});
  assert.deepEqual(await backend.load("k6"), {});
  assert.deepEqual(await backend.list(), []);
  assert.equal((await failureOf(backend.set(undefined, "A", "b"))).code, "SECRETS_KEY_MISSING");
});

Deno.test("the file shows neither values nor names, and is for its owner alone", async () => {
  await using place = await makePlace();
  await using backend = await place.open();
  await backend.set({ pipeline: "billing" }, "STRIPE_TOKEN", "sk_very_secret");
  const text = new TextDecoder("latin1").decode(await Deno.readFile(place.path));
  for (const word of ["billing", "STRIPE", "sk_very", KEY]) assert.ok(!text.includes(word));
  assert.equal(((await Deno.stat(place.path)).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual((await names(place.dir)).sort(), ["secrets.pd", "secrets.pd.lock"]);
});

Deno.test("two writes of the same secrets are two different files", async () => {
  await using place = await makePlace();
  await using backend = await place.open();
  await backend.set(undefined, "A", "1");
  const first = await Deno.readFile(place.path);
  await backend.set(undefined, "A", "1");
  assert.notDeepEqual(await Deno.readFile(place.path), first);
});

Deno.test("a wrong key is told as such, and changes nothing", async () => {
  await using place = await makePlace();
  await using backend = await place.open();
  await backend.set(undefined, "A", "the value");
  const before = await Deno.readFile(place.path);
  await using wrong = await place.open({ PD_SECRETS_KEY: "guessed key" });
  for (
    const attempt of [
      () => wrong.load(undefined),
      () => wrong.list(),
      () => wrong.set(undefined, "B", "x"),
    ]
  ) {
    const error = await failureOf(attempt());
    assert.equal(error.code, "SECRETS_KEY_WRONG");
    assert.ok(!/the value|guessed key|correct horse/.test(`${error.message} ${error.fix}`));
  }
  assert.deepEqual(await Deno.readFile(place.path), before);
});

Deno.test("a file of a newer version is told as such", async () => {
  await using place = await makePlace();
  await using backend = await place.open();
  await backend.set(undefined, "A", "1");
  await place.edit((bytes) => bytes.with(8, 2));
  assert.equal((await failureOf(backend.load(undefined))).code, "SECRETS_TOO_NEW");
});

Deno.test("a flipped bit anywhere, and a cut anywhere, is an error and never a value", async () => {
  await using place = await makePlace();
  await using backend = await place.open();
  await backend.set(undefined, "A", "the value");
  const whole = await Deno.readFile(place.path);
  for (let at = 0; at < whole.length; at++) {
    await Deno.writeFile(place.path, whole.with(at, (whole[at] ?? 0) ^ (1 << (at % 8))));
    const { code } = await failureOf(backend.load(undefined));
    assert.ok(["SECRETS_DAMAGED", "SECRETS_TOO_NEW"].includes(code), `byte ${at}: ${code}`);
  }
  for (let length = 0; length < whole.length; length += 13) {
    await Deno.writeFile(place.path, whole.slice(0, length));
    assert.equal((await failureOf(backend.load(undefined))).code, "SECRETS_DAMAGED");
  }
});

Deno.test("who changes the file and its checksum without the key is found out", async () => {
  await using place = await makePlace();
  await using backend = await place.open();
  await backend.set(undefined, "A", "the value");
  const whole = await Deno.readFile(place.path);
  // Each byte of the nonce, the content and its tag; one each of what the key is derived with.
  const places = Array.from({ length: whole.length - 44 - 32 }, (_, index) => index + 44);
  for (const at of [9, 10, 11, 12, 28, ...places]) {
    await Deno.writeFile(place.path, await sealed(whole.with(at, (whole[at] ?? 0) ^ 1)));
    const { code } = await failureOf(backend.load(undefined));
    assert.ok(["SECRETS_DAMAGED", "SECRETS_KEY_WRONG"].includes(code), `byte ${at}: ${code}`);
  }
});

Deno.test("twenty writers at once, in four processes, lose nothing", async () => {
  await using place = await makePlace();
  const writer = `
    const { openSecretsBackend } = await import(${
    JSON.stringify(new URL("./mod.ts", import.meta.url).href)
  });
    const [path, process] = Deno.args;
    await Promise.all([1, 2, 3, 4, 5].map(async (task) => {
      const env = () => ${JSON.stringify(KEY)};
      await using backend = await openSecretsBackend("local://" + path, { env, cwd: "/" });
      await backend.set(undefined, "K_" + process + "_" + task, "v" + task);
    }));`;
  const script = `${place.dir}/writer.ts`;
  await Deno.writeTextFile(script, writer);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const done = await Promise.all(
    ["a", "b", "c", "d"].map((process) =>
      new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "--no-check",
          "--config",
          config,
          "-A",
          script,
          place.path,
          process,
        ],
        stdin: "null",
      }).output()
    ),
  );
  for (const { code, stderr } of done) assert.equal(code, 0, new TextDecoder().decode(stderr));
  await using backend = await place.open();
  assert.equal((await backend.list()).length, 20);
  assert.equal((await names(place.dir)).filter((name) => name.endsWith(".new")).length, 0);
});

Deno.test("writing through a link keeps the link", async () => {
  await using place = await makePlace();
  await Deno.mkdir(`${place.dir}/kept`);
  await using direct = await place.open();
  await direct.set(undefined, "A", "1");
  await Deno.rename(place.path, `${place.dir}/kept/secrets.pd`);
  await Deno.symlink(`${place.dir}/kept/secrets.pd`, place.path);
  await using linked = await place.open();
  await linked.set(undefined, "B", "2");
  assert.equal((await Deno.lstat(place.path)).isSymlink, true);
  assert.deepEqual(await linked.load(undefined), { A: "1", B: "2" });
});

Deno.test("a key that cannot be a variable is refused", async () => {
  await using place = await makePlace();
  await using backend = await place.open();
  for (const key of ["", "A=B", "A\0"]) {
    assert.equal((await failureOf(backend.set(undefined, key, "v"))).code, "SECRETS_INVALID");
  }
});

interface Place extends AsyncDisposable {
  readonly dir: string;
  readonly path: string;
  open(env?: { readonly [name: string]: string }): Promise<SecretsBackend>;
  edit(change: (bytes: Uint8Array) => Uint8Array): Promise<void>;
}

async function makePlace(): Promise<Place> {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/secrets.pd`;
  return {
    dir,
    path,
    open: (env = { PD_SECRETS_KEY: KEY }) =>
      openSecretsBackend(`local://${path}`, { env: (name) => env[name], cwd: "/" }),
    edit: async (change) => await Deno.writeFile(path, change(await Deno.readFile(path))),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

async function failureOf(attempt: Promise<unknown>): Promise<PdError> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof PdError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "it did not fail" });
}

async function sealed(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const end = bytes.length - 32;
  const digest = await crypto.subtle.digest("SHA-256", bytes.slice(0, end));
  bytes.set(new Uint8Array(digest), end);
  return bytes;
}

async function names(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name);
}

/** Text that looks like anything, the same for the same seed: any code unit, so lone surrogates too. */
function textOf(seed: number): string {
  let state = seed * 2654435761 + 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
  const units = Array.from(
    { length: next() % 300 },
    () => next() % (seed % 3 === 0 ? 128 : 65_536),
  );
  return String.fromCharCode(...units);
}
