import assert from "node:assert/strict";
import { TestWorkflow } from "./_test_workflow.ts";

/** A node body that tries one thing; it must fail with PERMISSION_DENIED, or with `code` where
 * the runtime refuses in words of its own. */
interface Road {
  readonly road: string;
  readonly source: string;
  /** Further files. */
  readonly files?: Readonly<Record<string, string>>;
  readonly code?: string;
  /** What a road that is not an error must give. */
  readonly output?: unknown;
}

const OUTSIDE = "/etc/passwd";
/** What a process that a node started would leave behind. */
const PROOF = `/tmp/pd-isolation-proof-${Deno.pid}`;

const ROADS: readonly Road[] = [
  {
    road: "fetch of another host",
    source: body(`await fetch("http://b.example/"); return "reached"`),
  },
  {
    road: "fetch of the loopback address",
    source: body(`await fetch("http://127.0.0.1:8123/"); return "reached"`),
  },
  {
    road: "ctx.fetch of another host",
    source: body(`await ctx.fetch("other", "/"); return "reached"`),
  },
  {
    road: "Deno.connect to another host",
    source: body(`await Deno.connect({ hostname: "b.example", port: 80 })`),
  },
  { road: "Deno.listen", source: body(`Deno.listen({ port: 0 })`) },
  {
    road: "Deno.resolveDns by another server",
    source: body(
      `await Deno.resolveDns("a.example", "A", { nameServer: { ipAddr: "127.0.0.1", port: 5353 } })`,
    ),
  },
  {
    road: "node:net to another host",
    source: withImport(
      `import net from "node:net";`,
      `await new Promise((ok, no) => net.connect(80, "b.example").on("connect", ok).on("error", no)); return "reached"`,
    ),
  },
  {
    road: "node:http to another host",
    source: withImport(
      `import http from "node:http";`,
      `await new Promise((ok, no) => http.get("http://b.example/", ok).on("error", no)); return "reached"`,
    ),
  },
  {
    road: "a WebSocket to another host",
    source: body(
      `await new Promise((ok, no) => { const s = new WebSocket("ws://b.example/"); s.onopen = ok; s.onerror = (e) => no(e.error ?? new Error("refused")); }); return "reached"`,
    ),
  },
  {
    road: "Deno.readTextFile outside",
    source: body(`return await Deno.readTextFile("${OUTSIDE}")`),
  },
  {
    road: "Deno.readTextFileSync outside",
    source: body(`return Deno.readTextFileSync("${OUTSIDE}")`),
  },
  { road: "Deno.open outside", source: body(`return (await Deno.open("${OUTSIDE}")).toString()`) },
  { road: "Deno.readDir outside", source: body(`return [...Deno.readDirSync("/")].length`) },
  {
    road: "node:fs outside",
    source: withImport(
      `import { readFileSync } from "node:fs";`,
      `return readFileSync("${OUTSIDE}", "utf8")`,
    ),
  },
  {
    road: "node:fs/promises outside",
    source: withImport(
      `import { readFile } from "node:fs/promises";`,
      `return await readFile("${OUTSIDE}", "utf8")`,
    ),
  },
  {
    road: "fetch of a file URL",
    source: body(`return await (await fetch("file://${OUTSIDE}")).text()`),
  },
  { road: "/proc of itself", source: body(`return Deno.readTextFileSync("/proc/self/environ")`) },
  {
    road: "Deno.env.get",
    source: body(`return Deno.env.get("PATH") ?? "nothing"`),
    output: "nothing",
  },
  { road: "Deno.env.toObject", source: body(`return Deno.env.toObject()`), output: {} },
  {
    road: "process.env",
    source: withImport(
      `import process from "node:process";`,
      `return process.env.PATH ?? "nothing"`,
    ),
    output: "nothing",
  },
  {
    road: "Deno.Command",
    source: body(
      `return (await new Deno.Command("/usr/bin/touch", { args: ["${PROOF}"] }).output()).code`,
    ),
  },
  {
    road: "node:child_process",
    source: withImport(
      `import { execFileSync } from "node:child_process";`,
      `return String(execFileSync("/usr/bin/touch", ["${PROOF}"]))`,
    ),
    code: "NODE_FAILED",
  },
  {
    road: "node:worker_threads reading outside",
    source: withImport(
      `import { Worker } from "node:worker_threads";`,
      `return await new Promise((ok, no) => { const w = new Worker("const { parentPort } = require('node:worker_threads'); parentPort.postMessage(require('node:fs').readFileSync('${OUTSIDE}', 'utf8'))", { eval: true }); w.on("message", ok); w.on("error", no); })`,
    ),
  },
  {
    road: "Deno.writeTextFile",
    source: body(`await Deno.writeTextFile("/tmp/pd-must-not-exist", "x")`),
  },
  {
    road: "Deno.writeTextFile in its own folder",
    source: body(`await Deno.writeTextFile(new URL("./x.txt", import.meta.url), "x")`),
  },
  {
    road: "Deno.symlink",
    source: body(`await Deno.symlink("${OUTSIDE}", "/tmp/pd-must-not-exist")`),
  },
  { road: "Deno.dlopen", source: body(`Deno.dlopen("libc.so.6", {})`) },
  { road: "Deno.hostname", source: body(`return Deno.hostname()`) },
  { road: "node:os", source: withImport(`import os from "node:os";`, `return os.userInfo()`) },
  {
    road: "Deno.permissions.request",
    source: body(`return (await Deno.permissions.request({ name: "read", path: "/" })).state`),
    output: "denied",
  },
  { road: "Deno.kill of another process", source: body(`Deno.kill(Deno.ppid, "SIGCONT")`) },
  {
    road: "node:inspector",
    source: withImport(
      `import inspector from "node:inspector";`,
      `inspector.open(0); return "opened"`,
    ),
  },
  {
    road: "static import outside",
    source: withImport(`import secret from "${OUTSIDE}" with { type: "text" };`, `return secret`),
  },
  {
    road: "static import of code outside",
    source: withImport(`import "../../pd-outside.ts";`, `return 1`),
  },
  {
    road: "dynamic import outside",
    source: body(`const url = "file:///etc/" + "hostname.ts"; return await import(url)`),
  },
  {
    road: "dynamic text import outside",
    source: body(`return (await import("${OUTSIDE}", { with: { type: "text" } })).default`),
  },
  {
    road: "dynamic bytes import outside",
    source: body(`return (await import("${OUTSIDE}", { with: { type: "bytes" } })).default.length`),
    code: "NODE_FAILED",
  },
  {
    road: "dynamic JSON import outside",
    source: body(
      `return (await import("/etc/docker/daemon.json", { with: { type: "json" } })).default`,
    ),
  },
  {
    road: "JSON import of a secret",
    source: body(
      `return (await import("../.secrets/mine.json", { with: { type: "json" } })).default`,
    ),
  },
  {
    road: "text import of a secret",
    source: body(`return (await import("../.secrets.yaml", { with: { type: "text" } })).default`),
  },
  {
    road: "reading a secret file",
    source: body(`return Deno.readTextFileSync(new URL("../.secrets/mine.json", import.meta.url))`),
  },
  {
    road: "reading the secrets folder",
    source: body(`return [...Deno.readDirSync(new URL("../.secrets", import.meta.url))]`),
  },
  {
    road: "createRequire outside",
    source: withImport(
      `import { createRequire } from "node:module";`,
      `return createRequire(import.meta.url)("/etc/hostname.json")`,
    ),
  },
  {
    road: "createRequire of node:fs",
    source: withImport(
      `import { createRequire } from "node:module";`,
      `return createRequire(import.meta.url)("node:fs").readFileSync("${OUTSIDE}", "utf8")`,
    ),
  },
  {
    road: "a remote module",
    source: body(`return await import("https://a.example/x.ts")`),
    code: "NODE_FAILED",
  },
  {
    road: "a data module that reads outside",
    source: body(
      `return (await import("data:text/javascript,export default Deno.readTextFileSync('${OUTSIDE}')")).default`,
    ),
  },
  {
    road: "eval that reads outside",
    source: body(`return (0, eval)("Deno.readTextFileSync('${OUTSIDE}')")`),
  },
  {
    road: "the engine's own modules",
    source: body(
      `const url = new URL("./nodes/mod.ts", import.meta.resolve("pipedreamer")).href; return Object.keys(await import(url))`,
    ),
  },
  {
    road: "the engine's socket",
    source: body(
      `return await Deno.connect({ transport: "unix", path: Deno.args[0] }).then(() => "connected")`,
    ),
  },
  {
    road: "a Worker of its own that reads outside",
    source: body(
      `return await new Promise((ok, no) => { const w = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }); w.onmessage = (e) => e.data.ok ? ok(e.data.ok) : no(new Deno.errors.NotCapable(e.data.error)); w.onerror = (e) => { e.preventDefault(); no(new Error(e.message)); }; })`,
    ),
    files: {
      "nodes/worker.ts":
        `try { self.postMessage({ ok: Deno.readTextFileSync("${OUTSIDE}") }) } catch (e) { self.postMessage({ error: e.message }) }`,
    },
  },
  {
    road: "a Worker of its own that imports outside",
    source: body(
      `return await new Promise((ok, no) => { const w = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }); w.onmessage = (e) => ok(e.data); w.onerror = (e) => { e.preventDefault(); no(new Error(e.message)); }; })`,
    ),
    files: {
      "nodes/worker.ts":
        `import text from "${OUTSIDE}" with { type: "text" }; self.postMessage(text)`,
    },
  },
  {
    road: "a Worker of its own that asks for more",
    source: body(
      `new Worker("data:text/javascript,1", { type: "module", deno: { permissions: "inherit" } }); return "started"`,
    ),
    code: "NODE_CRASHED",
  },
];

for (const { road, source, files, code = "PERMISSION_DENIED", output } of ROADS) {
  Deno.test(`a node with permissions {net: [a.example]} is refused: ${road}`, async () => {
    await Deno.writeTextFile("/tmp/pd-outside.ts", `export const outside = true;`);
    await using workflow = await TestWorkflow.open({
      nodes: { it: { source, permissions: { net: ["a.example"], secrets: ["mine"] } } },
      files: {
        ".secrets/mine.json": `{"token": "canary-mine-0123456789"}`,
        ".secrets.yaml": `other: { token: canary-other-0123456789 }`,
        ...files,
      },
      secrets: {
        mine: { token: "canary-mine-0123456789" },
        other: { token: "canary-other-0123456789" },
      },
      services: { other: { url: "http://b.example" } },
      maxHosts: 1,
    });
    const outcome = await workflow.call("it").outcome;
    if (output !== undefined) {
      assert.deepEqual(outcome, { status: "succeeded", output });
      return;
    }
    assert.equal(outcome.status, "failed", JSON.stringify(outcome));
    if (outcome.status !== "failed") return;
    assert.equal(outcome.error.code, code, JSON.stringify(outcome));
    assert.doesNotMatch(JSON.stringify(outcome), /root:|canary/);
    assert.throws(() => Deno.statSync(PROOF), Deno.errors.NotFound);
  });
}

Deno.test("a node sees the secrets it names and no others", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: {
      one: { source: body(`return ctx.secrets`), permissions: { secrets: ["a"] } },
      two: { source: body(`return ctx.secrets`), permissions: { secrets: ["b.key"] } },
      all: { source: body(`return ctx.secrets`) },
    },
    secrets: { a: { token: "one-secret" }, b: { key: "two-secret", other: "three-secret" } },
  });
  assert.deepEqual(await workflow.output("one"), { a: { token: "one-secret" } });
  assert.deepEqual(await workflow.output("two"), { b: { key: "two-secret" } });
  assert.deepEqual(await workflow.output("all"), {
    a: { token: "one-secret" },
    b: { key: "two-secret", other: "three-secret" },
  });
  assert.equal(workflow.runner.stats().hosts, 3, "different secrets never share a host");
});

Deno.test("a refusal names the line to add to workflow.yaml", async () => {
  await using workflow = await TestWorkflow.open({
    nodes: { it: { source: body(`await fetch("http://b.example:8080/")`), permissions: {} } },
  });
  const error = await workflow.failure("it");
  assert.equal(error.code, "PERMISSION_DENIED");
  assert.match(error.fix ?? "", /permissions: \{ net: \[b\.example:8080\] \}/);
  assert.match(error.fix ?? "", /"it"/);
});

Deno.test("a node reaches the host that it names, and its own folder", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("hi"),
  );
  const { port } = server.addr;
  {
    await using workflow = await TestWorkflow.open({
      nodes: {
        it: {
          source: body(
            `return [await (await fetch("http://127.0.0.1:${port}/")).text(), await Deno.readTextFile(new URL("../data.txt", import.meta.url))]`,
          ),
          permissions: { net: [`127.0.0.1:${port}`] },
        },
      },
      files: { "data.txt": "from the folder" },
    });
    assert.deepEqual(await workflow.output("it"), ["hi", "from the folder"]);
  }
  await server.shutdown();
});

Deno.test("a node reads and writes the paths that it names", async () => {
  const outside = await Deno.makeTempDir();
  await Deno.writeTextFile(`${outside}/in.txt`, "in");
  try {
    await using workflow = await TestWorkflow.open({
      nodes: {
        it: {
          source: body(
            `await Deno.writeTextFile("${outside}/out.txt", "out"); return await Deno.readTextFile("${outside}/in.txt")`,
          ),
          permissions: { read: [outside], write: [`${outside}/out.txt`] },
        },
      },
    });
    assert.equal(await workflow.output("it"), "in");
    assert.equal(await Deno.readTextFile(`${outside}/out.txt`), "out");
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
});

function body(text: string): string {
  return withImport("", text);
}

function withImport(imports: string, text: string): string {
  return `${imports}\nexport default async function run(ctx, input) { ${text} }\n`;
}
