import assert from "node:assert/strict";
import { TestWorkflow } from "./_test_workflow.ts";

const SOCKET = "/run/other.sock";

/** Bodies of nodes; each must fail with PERMISSION_DENIED. */
const ROADS: { readonly [road: string]: string } = {
  "an import by an encoded path": text("file:///w/%2e%2e/etc/passwd"),
  "an import by a file URL with a host": text("file://localhost/etc/passwd"),
  "an import with a query that looks like code": text("/etc/passwd?x=.ts#y"),
  "an import that climbs": text("../nodes/../../../../../../../../etc/passwd"),
  "import.meta.resolve":
    `return (await import(import.meta.resolve("../../../etc/passwd"), { with: { type: "text" } })).default`,
  "an import of a secret by an encoded path":
    `return (await import("../.secret%73/mine.json", { with: { type: "json" } })).default`,
  "createRequire of a secret":
    `return (await import("node:module")).createRequire(import.meta.url)("../.secrets/mine.json")`,
  "node:dgram":
    `const socket = (await import("node:dgram")).createSocket("udp4"); return await new Promise((ok, no) => { socket.on("error", no); socket.send("x", 5353, "127.0.0.1", (e) => e ? no(e) : ok("sent")); })`,
  "a proxy on a Unix socket": proxied(`{ transport: "unix", path: "${SOCKET}" }`),
  "a proxy on another host": proxied(`{ url: "http://127.0.0.1:8123" }`),
  "node:http over a Unix socket":
    `const http = await import("node:http"); return await new Promise((ok, no) => http.get({ socketPath: "${SOCKET}" }, ok).on("error", no))`,
  "listening on the engine's socket":
    `Deno.listen({ transport: "unix", path: Deno.args[0] }).close()`,
  "writing where the engine's socket was": `Deno.writeTextFileSync(Deno.args[0], "x")`,
  "node:sqlite":
    `const { DatabaseSync } = await import("node:sqlite"); new DatabaseSync("/tmp/pd-must-not-exist")`,
  "a native extension of node:sqlite":
    `const { DatabaseSync } = await import("node:sqlite"); new DatabaseSync(":memory:", { allowExtension: true }).loadExtension("/lib/libc.so.6")`,
  "node:vm":
    `const vm = await import("node:vm"); return vm.runInNewContext("this.constructor.constructor('return Deno')()").readTextFileSync("/etc/passwd")`,
  "a heap snapshot": `return (await import("node:v8")).writeHeapSnapshot("/tmp/pd-must-not-exist")`,
  "process.dlopen":
    `(await import("node:process")).default.dlopen({ exports: {} }, "/lib/libc.so.6")`,
  "fs.openAsBlob":
    `return await (await (await import("node:fs")).openAsBlob("/etc/passwd")).text()`,
  "Deno.watchFs": `Deno.watchFs("/etc").close()`,
  "the engine's environment": `return Deno.readTextFileSync("/proc/" + Deno.ppid + "/environ")`,
  "the file descriptors of its process": `return Deno.readTextFileSync("/dev/fd/0")`,
  "a module made of a blob":
    `const url = URL.createObjectURL(new Blob(["export default Deno.readTextFileSync('/etc/passwd')"], { type: "text/javascript" })); return (await import(url)).default`,
  "a changed answer of Deno.permissions":
    `Deno.permissions.querySync = () => ({ state: "granted" }); return Deno.readTextFileSync("/etc/passwd")`,
};

for (const [road, body] of Object.entries(ROADS)) {
  Deno.test(`a node with permissions {net: [a.example]} is refused: ${road}`, async () => {
    await using workflow = await TestWorkflow.open({
      nodes: { it: { source: run(body), permissions: { net: ["a.example"] } } },
      files: { ".secrets/mine.json": `{"token": "canary-mine-0123456789"}` },
      maxHosts: 1,
    });
    const error = await workflow.failure("it");
    assert.equal(error.code, "PERMISSION_DENIED", JSON.stringify(error));
    assert.throws(() => Deno.statSync("/tmp/pd-must-not-exist"), Deno.errors.NotFound);
  });
}

Deno.test("a node may not read secrets, though it is granted their folder", async () => {
  const outside = await Deno.makeTempDir();
  const name = outside.slice(outside.lastIndexOf("/") + 1);
  await Deno.writeTextFile(`${outside}/s.yaml`, "a: { token: canary-0123456789 }");
  await Deno.symlink(`${outside}/s.yaml`, `${outside}/link.yaml`);
  try {
    const path = (name: string) => run(`return Deno.readTextFileSync(${name})`);
    const permissions = { read: [".secrets", "..", outside] };
    await using workflow = await TestWorkflow.open({
      nodes: {
        inside: { source: path(`new URL("../.secrets/a.json", import.meta.url)`), permissions },
        outside: { source: path(`"${outside}/s.yaml"`), permissions },
        linked: { source: path(`"${outside}/link.yaml"`), permissions },
      },
      files: { ".secrets/a.json": "{}" },
      // A link is handed over with what it leads to.
      secretFiles: [`../${name}/link.yaml`, `../${name}/s.yaml`],
    });
    for (const node of ["inside", "outside", "linked"]) {
      assert.equal((await workflow.failure(node)).code, "PERMISSION_DENIED", node);
    }
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
});

function run(body: string): string {
  return `export default async function run(ctx, input) { ${body} }\n`;
}

function text(specifier: string): string {
  return `return (await import("${specifier}", { with: { type: "text" } })).default`;
}

function proxied(proxy: string): string {
  return `const client = Deno.createHttpClient({ proxy: ${proxy} }); return (await fetch("http://a.example/", { client })).status`;
}
