import assert from "node:assert/strict";
import { loadSecrets } from "./load_secrets.ts";

/** A folder for one test, with these files in it; a value of `null` makes a folder. */
async function tree(files: { readonly [path: string]: string | null }): Promise<
  { readonly dir: string } & AsyncDisposable
> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  for (const [path, text] of Object.entries(files)) {
    const parent = `${dir}/${path}`.replace(/\/[^/]*$/, "");
    await Deno.mkdir(text === null ? `${dir}/${path}` : parent, { recursive: true });
    if (text !== null) await Deno.writeTextFile(`${dir}/${path}`, text);
  }
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

Deno.test("without any source there are no secrets, and their places are hidden all the same", async () => {
  await using at = await tree({});
  const { secrets, files } = await loadSecrets({ dir: at.dir, mounted: `${at.dir}/mounted` });
  assert.deepEqual(secrets, {});
  assert.deepEqual(files, [`${at.dir}/.secrets`, `${at.dir}/.secrets.yaml`, `${at.dir}/mounted`]);
});

Deno.test("the mounted folder is /app/secrets unless told otherwise", async () => {
  await using at = await tree({});
  assert.ok((await loadSecrets({ dir: at.dir })).files.includes("/app/secrets"));
});

Deno.test(".secrets.yaml lies over .secrets/, and the mounted folder over both, key by key", async () => {
  await using at = await tree({
    ".secrets/github.json": '{"token": "a-file", "user": "a-file", "host": "a-file"}',
    ".secrets/slack": "a-file",
    ".secrets.yaml": "github: { token: b-yaml, user: b-yaml }\nhn: { api_key: b-yaml }\n",
    "mounted/github": '{"token": "c-mounted"}',
  });
  const { secrets } = await loadSecrets({ dir: at.dir, mounted: `${at.dir}/mounted` });
  assert.deepEqual(secrets, {
    github: { token: "c-mounted", user: "b-yaml", host: "a-file" },
    slack: { value: "a-file" },
    hn: { api_key: "b-yaml" },
  });
});

Deno.test("--secrets is read alone, and the other places stay hidden", async () => {
  await using at = await tree({
    ".secrets/github": "from-folder",
    ".secrets.yaml": "github: from-yaml",
    "mounted/github": "from-mount",
    "other/mine.json": '{"hn": {"token": "from-flag"}}',
  });
  const path = `${at.dir}/other/mine.json`;
  const { secrets, files } = await loadSecrets({ dir: at.dir, path, mounted: `${at.dir}/mounted` });
  assert.deepEqual(secrets, { hn: { token: "from-flag" } });
  assert.deepEqual(files, [
    `${at.dir}/.secrets`,
    `${at.dir}/.secrets.yaml`,
    `${at.dir}/mounted`,
    path,
  ]);
});

Deno.test("--secrets takes a folder with a file per service", async () => {
  await using at = await tree({ "mine/hn.txt": " t0ken\n" });
  const { secrets, files } = await loadSecrets({ dir: at.dir, path: `${at.dir}/mine` });
  assert.deepEqual(secrets, { hn: { value: "t0ken" } });
  assert.ok(files.includes(`${at.dir}/mine`) && files.includes(`${at.dir}/mine/hn.txt`));
});

Deno.test("a Secret as Kubernetes mounts it is read through its links", async () => {
  await using at = await tree({ "mounted/..2026_01_02/github": '{"token": "t0ken"}' });
  const mounted = `${at.dir}/mounted`;
  await Deno.symlink("..2026_01_02", `${mounted}/..data`);
  await Deno.symlink("..data/github", `${mounted}/github`);
  const { secrets, files } = await loadSecrets({ dir: at.dir, mounted });
  assert.deepEqual(secrets, { github: { token: "t0ken" } });
  assert.ok(files.includes(`${mounted}/github`));
  assert.ok(files.includes(`${mounted}/..2026_01_02/github`));
});

Deno.test("where a link leads is hidden as well", async () => {
  await using at = await tree({ "vault/all/hn": "t0ken" });
  await Deno.symlink("vault/all", `${at.dir}/.secrets`);
  const { secrets, files } = await loadSecrets({ dir: at.dir });
  assert.deepEqual(secrets, { hn: { value: "t0ken" } });
  assert.ok(files.includes(`${at.dir}/.secrets`) && files.includes(`${at.dir}/vault/all`));
});

Deno.test("hidden files and editors' backups are skipped", async () => {
  await using at = await tree({
    ".secrets/.gitignore": "*",
    ".secrets/.github.json.swp": "x",
    ".secrets/github.json~": "{}",
    ".secrets/github.json": '{"token": "t"}',
  });
  assert.deepEqual((await loadSecrets({ dir: at.dir })).secrets, { github: { token: "t" } });
});

const CONTENTS: readonly { is: string; file: string; text: string; want: unknown }[] = [
  { is: "plain text", file: "db", text: "  p w \n", want: { db: { value: "p w" } } },
  { is: "an empty file", file: "db", text: "", want: { db: { value: "" } } },
  { is: "a PEM file", file: "key.pem", text: "-----\nA\n", want: { key: { value: "-----\nA" } } },
  { is: "a name with dots", file: "a.b.json", text: '{"k":"v"}', want: { "a.b": { k: "v" } } },
  { is: "a byte order mark", file: "db.json", text: '\ufeff{"k":"v"}', want: { db: { k: "v" } } },
  { is: "JSON without extension", file: "db", text: '{"k":"v"}', want: { db: { k: "v" } } },
  { is: "a brace that opens no JSON", file: "db", text: "{abc", want: { db: { value: "{abc" } } },
  { is: "a YAML file", file: "db.yml", text: "k: v", want: { db: { k: "v" } } },
  {
    is: "other types in JSON",
    file: "db.json",
    text: '{"n": 1, "id": 12345678901234567890, "f": 1.50, "b": true, "none": null}',
    want: { db: { n: "1", id: "12345678901234567890", f: "1.50", b: "true" } },
  },
  {
    is: "lists and objects in JSON",
    file: "db.json",
    text: '{"list": [1, "a"], "object": {"x": "y"}}',
    want: { db: { list: '[1,"a"]', object: '{"x":"y"}' } },
  },
  {
    is: "odd keys",
    file: "db.json",
    text: '{"__proto__": "p", "constructor": "c"}',
    want: Object.fromEntries([[
      "db",
      Object.fromEntries([["__proto__", "p"], ["constructor", "c"]]),
    ]]),
  },
];

for (const { is, file, text, want } of CONTENTS) {
  Deno.test(`a service's file may be ${is}`, async () => {
    await using at = await tree({ [`.secrets/${file}`]: text });
    assert.deepEqual((await loadSecrets({ dir: at.dir })).secrets, want);
  });
}

Deno.test(".secrets.yaml keeps values as they are written", async () => {
  const text =
    "a:\n  octal: 0123\n  long: 12345678901234567890\n  yes: on\n  date: 2026-01-02\nb: 007\n";
  await using at = await tree({ ".secrets.yaml": text });
  assert.deepEqual((await loadSecrets({ dir: at.dir })).secrets, {
    a: { octal: "0123", long: "12345678901234567890", yes: "on", date: "2026-01-02" },
    b: { value: "007" },
  });
});

Deno.test("an empty .secrets.yaml has no secrets", async () => {
  await using at = await tree({ ".secrets.yaml": "# none yet\n" });
  assert.deepEqual((await loadSecrets({ dir: at.dir })).secrets, {});
});

Deno.test("secrets are frozen", async () => {
  await using at = await tree({ ".secrets.yaml": "a: { b: c }" });
  const { secrets } = await loadSecrets({ dir: at.dir });
  assert.throws(() => Object.assign(secrets["a"] ?? {}, { b: "d" }), TypeError);
});

Deno.test("--secrets that names nothing is SECRETS_NOT_FOUND", async () => {
  await using at = await tree({});
  const missing = [`${at.dir}/none`, `${at.dir}/none/none`, `./none-${crypto.randomUUID()}`];
  for (const path of missing) {
    await assert.rejects(loadSecrets({ dir: at.dir, path }), { code: "SECRETS_NOT_FOUND" });
  }
});

/** The canary must not be in the error. */
const CANARY = "canary-4711";

const INVALID: readonly { is: string; file: string; text: string | null; says: RegExp }[] = [
  {
    is: "broken JSON",
    file: ".secrets/github.json",
    text: `{\n  "token": ${CANARY}\n}`,
    says: /github\.json" as it must be JSON: it has a syntax error/,
  },
  {
    is: "JSON that is cut off",
    file: ".secrets/github.json",
    text: `{"token": "${CANARY}`,
    says: /a syntax error at line 1, column \d+$/,
  },
  {
    is: "JSON without extension that does not parse",
    file: ".secrets/github",
    text: `{token: ${CANARY}}`,
    says: /it must be JSON/,
  },
  {
    is: "a list",
    file: ".secrets/github.json",
    text: `["${CANARY}"]`,
    says: /holds an object of keys/,
  },
  { is: "a folder", file: ".secrets/github", text: null, says: /it is a folder$/ },
  { is: "bytes that are no text", file: ".secrets/key.der", text: "\0", says: /other bytes/ },
  {
    is: "a file of 2 MiB",
    file: ".secrets/big",
    text: CANARY.repeat(200_000),
    says: /at most 1 MiB/,
  },
  {
    is: "broken YAML",
    file: ".secrets.yaml",
    text: `github:\n  token: "${CANARY}\nx`,
    says: /\.secrets\.yaml" as it must be YAML: .* at line \d, column \d+$/,
  },
  {
    is: "a key twice",
    file: ".secrets.yaml",
    text: `a: ${CANARY}\na: ${CANARY}`,
    says: /duplicate key at line 2, column 1$/,
  },
  {
    is: "an alias without anchor",
    file: ".secrets.yaml",
    text: `a: *${CANARY}`,
    says: /it must be YAML|aliases must resolve/,
  },
  { is: "a YAML list", file: ".secrets.yaml", text: `- ${CANARY}`, says: /an object of services/ },
  { is: "a file named .secrets", file: ".secrets", text: CANARY, says: /it is a file$/ },
];

for (const { is, file, text, says } of INVALID) {
  Deno.test(`${is} is SECRETS_INVALID, naming ${file} and not its content`, async () => {
    await using at = await tree({ [file]: text });
    if (is.startsWith("bytes")) {
      await Deno.writeFile(`${at.dir}/${file}`, new Uint8Array([0xff, 0xfe, 0]));
    }
    await assert.rejects(loadSecrets({ dir: at.dir }), (error: Error & { code?: string }) => {
      assert.equal(error.code, "SECRETS_INVALID");
      assert.match(error.message, says);
      assert.ok(error.message.includes(`${at.dir}/${file}`), error.message);
      assert.doesNotMatch(Deno.inspect(error), /canary/);
      return true;
    });
  });
}

Deno.test("two files for one service are SECRETS_INVALID", async () => {
  await using at = await tree({ ".secrets/hn": "a", ".secrets/hn.json": "{}" });
  await assert.rejects(loadSecrets({ dir: at.dir }), {
    code: "SECRETS_INVALID",
    message: /"hn" has hn as well$/,
  });
});

Deno.test("a link to nothing is SECRETS_INVALID", async () => {
  await using at = await tree({ ".secrets": null });
  await Deno.symlink("gone", `${at.dir}/.secrets/hn`);
  await assert.rejects(loadSecrets({ dir: at.dir }), {
    code: "SECRETS_INVALID",
    message: /a link to nothing$/,
  });
});

Deno.test("aliases that multiply are SECRETS_INVALID at once", async () => {
  const levels = Array.from(
    { length: 20 },
    (_, i) => `l${i + 1}: &l${i + 1} {a: *l${i}, b: *l${i}}`,
  );
  await using at = await tree({ ".secrets.yaml": ["l0: &l0 {a: x}", ...levels].join("\n") });
  await assert.rejects(loadSecrets({ dir: at.dir }), {
    code: "SECRETS_INVALID",
    message: /aliases/,
  });
});

Deno.test({
  name: "a place that the engine may not read is SECRETS_INVALID",
  permissions: { read: true, write: true, env: true },
  fn: async () => {
    await using at = await tree({ ".secrets/hn": "t0ken" });
    await Deno.permissions.revoke({ name: "read", path: `${at.dir}/.secrets` });
    await Deno.permissions.revoke({ name: "read" });
    await assert.rejects(loadSecrets({ dir: at.dir, mounted: `${at.dir}/mounted` }), {
      code: "SECRETS_INVALID",
      message: /the system does not allow it$/,
    });
  },
});
