import assert from "node:assert/strict";
import { type Cluster, findCluster } from "./cluster.ts";

const base64 = (text: string) => new TextEncoder().encode(text).toBase64();

/** A kubeconfig whose one context has this cluster and this user. */
function config(cluster: object, user: object, context: object = {}): string {
  return JSON.stringify({
    "current-context": "here",
    contexts: [{ name: "here", context: { cluster: "c", user: "u", ...context } }],
    clusters: [{ name: "c", cluster: { server: "https://cluster:6443/", ...cluster } }],
    users: [{ name: "u", user }],
  });
}

async function find(
  files: { readonly [name: string]: string },
  options: {
    readonly context?: string;
    readonly env?: { readonly [name: string]: string };
    readonly now?: () => number;
    check(cluster: Cluster, dir: string): Promise<void> | void;
  },
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${dir}/${name}`, text, { mode: 0o755 });
    }
    const env: { [name: string]: string } = { KUBECONFIG: `${dir}/config`, ...options.env };
    const cluster = await findCluster({
      context: options.context,
      env: (name) => env[name]?.replaceAll("DIR", dir) || undefined,
      now: options.now ?? (() => 0),
      serviceAccountDir: dir,
    });
    await options.check(cluster, dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("findCluster() reads server, authority, namespace and token", async () => {
  const text = config({ "certificate-authority-data": base64("CA") }, { token: "t" }, {
    namespace: "ci",
  });
  await find({ config: text }, {
    async check(cluster) {
      assert.equal(cluster.server, "https://cluster:6443");
      assert.equal(cluster.ca, "CA");
      assert.equal(cluster.namespace, "ci");
      assert.equal((await cluster.credentials()).authorization, "Bearer t");
    },
  });
});

Deno.test("findCluster() reads files beside the kubeconfig", async () => {
  const user = { "client-certificate": "cert.pem", "client-key": "key.pem" };
  await find({
    config: config({ "certificate-authority": "ca.pem" }, user),
    "ca.pem": "CA",
    "cert.pem": "CERT",
    "key.pem": "KEY",
  }, {
    async check(cluster) {
      assert.equal(cluster.ca, "CA");
      const { cert, key } = await cluster.credentials();
      assert.deepEqual([cert, key], ["CERT", "KEY"]);
    },
  });
});

Deno.test("findCluster() reads a token file again after a minute", async () => {
  let now = 0;
  await find({ config: config({}, { tokenFile: "token" }), token: "one\n" }, {
    now: () => now,
    async check(cluster, dir) {
      assert.equal((await cluster.credentials()).authorization, "Bearer one");
      await Deno.writeTextFile(`${dir}/token`, "two");
      assert.equal((await cluster.credentials()).authorization, "Bearer one");
      now = 60_000;
      assert.equal((await cluster.credentials()).authorization, "Bearer two");
    },
  });
});

Deno.test("findCluster() asks a program who asks, and again when that runs out", async () => {
  let now = 0;
  const script = `#!/bin/sh
echo x >> "$0.calls"
echo '{"status":{"token":"'"$WHO-$1"'","expirationTimestamp":"1970-01-01T01:00:00Z"}}'`;
  const exec = { command: "./plugin", args: ["a"], env: [{ name: "WHO", value: "me" }] };
  await find({ config: config({}, { exec }), plugin: script }, {
    now: () => now,
    async check(cluster, dir) {
      assert.equal((await cluster.credentials()).authorization, "Bearer me-a");
      await cluster.credentials();
      now = 3_599_000;
      await cluster.credentials();
      assert.equal(await Deno.readTextFile(`${dir}/plugin.calls`), "x\nx\n");
    },
  });
});

Deno.test("findCluster() tells what a program said that does not know", async () => {
  const exec = { command: "./plugin" };
  await find({ config: config({}, { exec }), plugin: "#!/bin/sh\necho log in first >&2; exit 3" }, {
    async check(cluster) {
      await assert.rejects(cluster.credentials(), /ended with 3: log in first/);
    },
  });
});

Deno.test("findCluster() merges files, the first of a name wins", async () => {
  const one = config({ server: "https://one" }, { token: "1" });
  const two = config({ server: "https://two" }, { token: "2" }).replaceAll('"here"', '"there"');
  await find({ one, two }, {
    env: { KUBECONFIG: "DIR/one:DIR/none:DIR/two" },
    context: "there",
    check(cluster) {
      assert.equal(cluster.server, "https://one", "its cluster has the name of the first");
    },
  });
});

Deno.test("findCluster() takes the service account of the pod it is in", async () => {
  await find({ "ca.crt": "CA", namespace: "team\n", token: "t" }, {
    env: { KUBECONFIG: "", KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" },
    async check(cluster) {
      assert.equal(cluster.server, "https://[fd00::1]:443");
      assert.equal(cluster.namespace, "team");
      assert.equal((await cluster.credentials()).authorization, "Bearer t");
    },
  });
});

const REFUSED: { readonly [what: string]: readonly [text: string, want: RegExp] } = {
  "certificates that nobody checks": [
    config({ "insecure-skip-tls-verify": true }, {}),
    /insecure-skip-tls-verify is set/,
  ],
  "a proxy": [config({ "proxy-url": "http://proxy" }, {}), /proxy-url is set/],
  "another name of the server": [config({ "tls-server-name": "x" }, {}), /tls-server-name/],
  "no current context": ["contexts: []", /no current context/],
  "a user that is not there": [config({}, {}, { user: "nobody" }), /user is not there: "nobody"/],
  "no YAML": ["a: [", /it is no YAML/],
};
for (const [what, [text, want]] of Object.entries(REFUSED)) {
  Deno.test(`findCluster() refuses ${what}`, async () => {
    await assert.rejects(find({ config: text }, { check() {} }), want);
  });
}

Deno.test("findCluster() names the contexts there are", async () => {
  await assert.rejects(
    find({ config: config({}, {}) }, { context: "away", check() {} }),
    { code: "KUBERNETES_CONFIG_INVALID", fix: "One of: here" },
  );
});
