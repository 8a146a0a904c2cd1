/** The command line as a new user types it: real processes, real hosts, a real pseudo-terminal. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { useOwnData } from "./_own_data.ts";
import { ensurePackage } from "./packages.ts";

useOwnData();

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const PD = `${ROOT}/pd`;

/** Runs a command on a pseudo-terminal. */
const script = await ensurePackage("script", "bsdutils");
const chromium = await ensurePackage("chromium", "chromium");

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own, gone after the test. */
async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "pd cli " }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Runs a line in a shell that finds `pd`. */
async function type(line: string, cwd: string): Promise<Outcome> {
  const output = await new Deno.Command("bash", {
    args: ["-c", line],
    cwd,
    env: { PATH: `${ROOT}:${Deno.env.get("PATH")}`, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

async function write(path: string, files: { readonly [name: string]: string }): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(`${path}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
}

/** A process whose output can be waited for. */
class Watched implements AsyncDisposable {
  text = "";
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #reading: Promise<void>[];
  #waiters: { readonly wanted: RegExp; readonly found: (text: string) => void }[] = [];

  constructor(command: string, args: readonly string[], options: Deno.CommandOptions = {}) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      ...options,
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reading = [this.#child.stdout, this.#child.stderr].map((stream) => this.#read(stream));
  }

  /** Resolves when the output matches; its text so far. */
  until(wanted: RegExp): Promise<string> {
    if (wanted.test(this.text)) return Promise.resolve(this.text);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ wanted, found: resolve });
      this.#child.status.then(async ({ code }) => {
        await Promise.all(this.#reading);
        if (wanted.test(this.text)) resolve(this.text);
        else reject(new Error(`it ended with ${code} before ${wanted} came:\n${this.text}`));
      });
    });
  }

  async press(keys: string): Promise<void> {
    await this.#writer?.write(new TextEncoder().encode(keys));
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async code(): Promise<number> {
    const { code } = await this.#child.status;
    await Promise.all(this.#reading);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#writer?.close().catch(() => {});
    await this.code();
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      this.#waiters = this.#waiters.filter(({ wanted, found }) => {
        if (!wanted.test(this.text)) return true;
        found(this.text);
        return false;
      });
    }
  }
}

Deno.test("pd init demo && cd demo && pd validate && pd test && pd run . are all green, no edit between", async () => {
  await using at = await folder();
  const { code, stdout, stderr } = await type(
    "pd init demo && cd demo && pd validate && pd test && pd run .",
    at.path,
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^created demo from the template hello\n/);
  assert.match(stdout, /workflow.yaml is valid: demo 1.0, 2 nodes\n/);
  assert.match(stdout, /3 passed/);
  assert.match(stdout, /\nHELLO, WORLD!\n$/);
});

Deno.test("the digest template validates, tests and runs from its recordings", async () => {
  await using at = await folder();
  const { code, stdout, stderr } = await type(
    "pd init news --template digest && cd news && pd validate && pd test --coverage && pd run . --replay --limit 3",
    at.path,
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /5 passed/);
  assert.match(stdout, /\n1\. A compiler in forty lines \(312 points by ada\)\n/);
});

Deno.test("what pd init writes type-checks with the engine that made it", async () => {
  await using at = await folder();
  await type("pd init demo", at.path);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--no-lock", "--quiet", "nodes/greet.ts", "nodes/shout.ts"],
    cwd: `${at.path}/demo`,
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const yaml = await Deno.readTextFile(`${at.path}/demo/workflow.yaml`);
  const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(yaml)?.[1] ?? "";
  const { properties } = JSON.parse(await Deno.readTextFile(`${at.path}/demo/${schema}`));
  assert.ok(properties.nodes);
});

Deno.test("pd init overwrites nothing and writes nothing beside what is there", async () => {
  await using at = await folder();
  await write(at.path, { "demo/README.md": "mine\n" });
  const { code, stderr } = await type("pd init demo", at.path);
  assert.equal(code, 1);
  assert.match(stderr, /^error ALREADY_EXISTS .*README\.md already there\n/);
  assert.equal(await Deno.readTextFile(`${at.path}/demo/README.md`), "mine\n");
  const files = await Array.fromAsync(Deno.readDir(`${at.path}/demo`), ({ name }) => name);
  assert.deepEqual(files, ["README.md"]);
});

Deno.test({
  name: "pd init without a name asks for it on a terminal",
  ignore: script.status === "missing",
  async fn() {
    await using at = await folder();
    await using terminal = new Watched("script", [
      "-qefc",
      `stty cols 80 rows 24; '${PD}' init`,
      "/dev/null",
    ], { cwd: at.path, env: { TERM: "xterm" } });
    await terminal.until(/What is the workflow called\?[\s\S]*my-flow/);
    await terminal.press("-2\r");
    await terminal.until(/What should it start from\?[\s\S]*digest/);
    await terminal.press("\r");
    assert.equal(await terminal.code(), 0, terminal.text);
    assert.match(
      await Deno.readTextFile(`${at.path}/my-flow-2/workflow.yaml`),
      /^name: my-flow-2$/m,
    );
  },
});

const SIX_MISTAKES = `name: My Flow
version: "1.0"
nodes:
  fetch:
    path: ./nodes/fetch.ts
    timout: 5s
  filter:
    path: ./nodes/filter.ts
    timeout: 5 minutes
  format:
    path: ./nodes/format.ts
    depends_on: [fliter]
  send:
    path: ./nodes/send.ts
    run: echo both
edges:
  - { from: fetch, to: filter }
  - { from: fetch, to: fetch }
`;

Deno.test("a file with six mistakes reports all six with place, code and fix, in text and JSON", async (t) => {
  await using at = await folder();
  const nodes = ["fetch", "filter", "format", "send"].map((name) => [`nodes/${name}.ts`, ""]);
  await write(at.path, { "workflow.yaml": SIX_MISTAKES, ...Object.fromEntries(nodes) });
  const text = await type("pd validate", at.path);
  assert.equal(text.code, 1);
  const problems = [
    ...text.stdout.matchAll(/^(workflow\.yaml:\d+:\d+) ([A-Z_]+) .*\n {2}Fix: .+$/gm),
  ];
  const json = await type("pd validate -o json", at.path);
  assert.equal(json.code, 1);
  const { valid, diagnostics } = JSON.parse(json.stdout);
  assert.equal(valid, false);
  assert.deepEqual(
    diagnostics.map((one: Record<string, unknown>) => [
      `${one["file"]}:${one["line"]}:${one["column"]}`,
      one["code"],
    ]),
    problems.map(([, place, code]) => [place, code]),
  );
  for (
    const code of [
      "SPEC_NAME",
      "SPEC_UNKNOWN_KEY",
      "SPEC_DURATION",
      "DAG_UNKNOWN_NODE",
      "SPEC_NODE_KIND",
      "DAG_SELF_LOOP",
    ]
  ) {
    assert.equal(problems.filter((problem) => problem[2] === code).length, 1, `${code} once`);
  }
  await t.assertSnapshot(text.stdout);
});

const SLOW = {
  "workflow.yaml": `name: slow
version: "1.0"
nodes:
  wait:
    path: ./wait.ts
    permissions: { net: [], secrets: [] }
  after:
    path: ./wait.ts
    depends_on: [wait]
    permissions: { net: [], secrets: [] }
`,
  "wait.ts": `export default function wait(ctx) {
  ctx.log.info("waiting");
  return new Promise((resolve) => ctx.signal.addEventListener("abort", () => resolve("stopped")));
}
`,
};

Deno.test({
  name: "Ctrl-C on a terminal cancels the run: the tree says so, exit code 130",
  ignore: script.status === "missing",
  async fn() {
    await using at = await folder();
    await write(at.path, SLOW);
    await using terminal = new Watched("script", [
      "-qefc",
      `stty cols 80 rows 24; '${PD}' run '${at.path}'`,
      "/dev/null",
    ], {
      env: { TERM: "xterm" },
    });
    await terminal.until(/waiting/);
    await terminal.press("\x03");
    assert.equal(await terminal.code(), 130, terminal.text);
    const last = terminal.text.slice(terminal.text.lastIndexOf("slow 1.0"));
    assert.match(last, /■.* wait /);
    assert.match(last, /-.* after /);
    assert.match(last, /cancelled after/);
    assert.match(last, /RUN_CANCELLED/);
  },
});

Deno.test({
  name: "the tree on a terminal leaves one line for each node, and the output on stdout",
  ignore: script.status === "missing",
  async fn() {
    await using terminal = new Watched("script", [
      "-qefc",
      `stty cols 80 rows 24; '${PD}' run '${ROOT}/examples/hello'`,
      "/dev/null",
    ], { env: { TERM: "xterm" } });
    assert.equal(await terminal.code(), 0);
    assert.match(terminal.text, /✓.* greet /);
    assert.match(terminal.text, /✓.* frame /);
    assert.match(terminal.text, /done in/);
  },
});

Deno.test("a second Ctrl-C ends pd at once, whatever goes on", async () => {
  const code = `
    import { systemIo } from ${JSON.stringify(`file://${ROOT}/cli/system_io.ts`)};
    const signal = systemIo({ exit: Deno.exit }).interrupt();
    signal.addEventListener("abort", () => Deno.stdout.writeSync(new TextEncoder().encode("first\\n")));
    setInterval(() => {}, 1000);
    Deno.stdout.writeSync(new TextEncoder().encode("ready\\n"));
  `;
  await using child = new Watched(Deno.execPath(), ["eval", "--no-lock", code]);
  await child.until(/ready/);
  child.signal("SIGINT");
  await child.until(/first/);
  child.signal("SIGINT");
  assert.equal(await child.code(), 130);
});

Deno.test("pd … | head is silent and no failure", async () => {
  const { code, stdout, stderr } = await type("set -o pipefail; pd schema | head -n 1", ROOT);
  assert.equal(stderr, "");
  assert.equal(stdout, "{\n");
  assert.equal(code, 0);
});

Deno.test("a failed run prints node, code, message, fix and its last log lines, exit code 1", async () => {
  await using at = await folder();
  await write(at.path, {
    "workflow.yaml": SLOW["workflow.yaml"],
    "wait.ts": `export default function wait(ctx) {
  ctx.log.info("about to break");
  throw new Error("the moon is down");
}
`,
  });
  const { code, stdout, stderr } = await type("pd run . -q", at.path);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^error NODE_FAILED in node "wait": .*the moon is down\n/);
  assert.match(stderr, /wait\.ts:3:/);
  assert.match(stderr, /last log lines of wait:\n {2}\[wait\] about to break\n/);
  const json = await type("pd run . -o json", at.path);
  assert.equal(json.code, 1);
  const result = JSON.parse(json.stdout);
  assert.equal(result.status, "failed");
  assert.match(result.errors.wait, /^NODE_FAILED: /);
});

Deno.test("inputs of a workflow are flags, and its help lists them", async () => {
  const run = await type("pd run examples/hello --name Ada -q", ROOT);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /Ada/);
  const wrong = await type("pd run examples/hello --nmae Ada", ROOT);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /did you mean "--name"\?/);
  const help = await type("pd run examples/hello --help", ROOT);
  assert.match(help.stdout, /Inputs of hello:\n {2}--name <string>/);
  const piped = await type(
    `echo '{"name": "Grace"}' | pd run examples/hello --input - -o json`,
    ROOT,
  );
  assert.equal(JSON.parse(piped.stdout).status, "succeeded");
});

Deno.test("pd run --timeout cancels the run and fails with RUN_TIMEOUT", async () => {
  await using at = await folder();
  await write(at.path, SLOW);
  const { code, stderr } = await type("pd run . --timeout 300ms", at.path);
  assert.equal(code, 1);
  assert.match(stderr, /error RUN_TIMEOUT/);
});

Deno.test("pd dev serves, reloads an edit, keeps the old version when an edit is broken, and stops on Ctrl-C", async () => {
  await using at = await folder();
  await type("pd init demo", at.path);
  const dir = `${at.path}/demo`;
  await using dev = new Watched(PD, ["dev", dir, "--port", "0", "--no-color"]);
  const url =
    /http:\/\/127\.0\.0\.1:\d+/.exec(await dev.until(/reloads on change[\s\S]*curl/))?.[0] ?? "";
  assert.equal(await output(url), "HELLO, WORLD!");

  const node = `${dir}/nodes/shout.ts`;
  const text = await Deno.readTextFile(node);
  await Deno.writeTextFile(node, text.replace("toUpperCase()", "toLowerCase()"));
  await dev.until(/reloaded as version 2/);
  assert.equal(await output(url), "hello, world!");

  await Deno.writeTextFile(`${dir}/workflow.yaml`, "name: demo\nnodes: [\n");
  await dev.until(
    /not reloaded, the old version goes on: workflow\.yaml changed\n.*workflow\.yaml:\d+:\d+ /,
  );
  assert.equal(await output(url), "hello, world!");

  dev.signal("SIGINT");
  assert.equal(await dev.code(), 0);
});

async function output(url: string): Promise<unknown> {
  const response = await fetch(`${url}/run`, { method: "POST", body: "{}" });
  const { outputs } = await response.json();
  return outputs.shout;
}

Deno.test("pd visualize draws text with both critical paths, Mermaid and SVG", async () => {
  const text = await type("pd visualize examples/pr-digest", ROOT);
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stdout, /critical path, staged: .*\ncritical path, eager: {2}/);
  assert.match(
    (await type("pd visualize examples/pr-digest --format mermaid", ROOT)).stdout,
    /^flowchart TD\n/,
  );
  await using at = await folder();
  const svg = await type(`pd visualize '${ROOT}/examples/hello' -o graph.svg`, at.path);
  assert.equal(svg.stdout, "wrote graph.svg\n");
  assert.match(await Deno.readTextFile(`${at.path}/graph.svg`), /^<svg /);
});

Deno.test("pd visualize --format png without a Chromium says what to install", async () => {
  const { code, stderr } = await type(
    "PD_CHROMIUM=/no/such/chromium pd visualize examples/hello --format png -o /tmp/never.png",
    ROOT,
  );
  assert.equal(code, 1);
  assert.match(stderr, /^error TOOL_MISSING .*Chromium.*\nfix: apt-get install chromium/);
});

Deno.test({
  name: "pd visualize draws PNG and PDF with the system's Chromium",
  ignore: chromium.status === "missing",
  async fn() {
    await using at = await folder();
    for (const [name, magic] of [["graph.png", "\x89PNG"], ["graph.pdf", "%PDF"]] as const) {
      const { code, stderr } = await type(
        `pd visualize '${ROOT}/examples/hello' -o ${name}`,
        at.path,
      );
      assert.equal(code, 0, stderr);
      const bytes = await Deno.readFile(`${at.path}/${name}`);
      assert.equal(String.fromCharCode(...bytes.subarray(0, 4)), magic);
    }
  },
});

Deno.test("bash completes commands, folders, nodes and inputs", async () => {
  const ask =
    `source <(pd completions bash); tab() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pd_complete 2>/dev/null; echo "\${COMPREPLY[@]}"; }`;
  const { stdout } = await type(
    `${ask}; tab pd va; tab pd run examples/hel; tab pd test examples/hn-digest/fi; tab pd run examples/hello --na; tab pd visualize --format = s; tab pd run '$(touch hit)' ''`,
    ROOT,
  );
  const [command, folders, nodes, inputs, format] = stdout.split("\n");
  assert.equal(command, "validate");
  assert.equal(folders, "examples/hello");
  assert.match(nodes ?? "", /examples\/hn-digest\/filter/);
  assert.match(inputs ?? "", /--name/);
  assert.equal(format, "svg");
  await assert.rejects(Deno.stat(`${ROOT}/hit`));
});
