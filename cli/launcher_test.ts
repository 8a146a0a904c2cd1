import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RUN_FLAGS } from "./pipelines/mod.ts";

/** The launcher under test, copied beside a `cli/main.ts` that no fake deno ever reads. */
const LAUNCHER = fileURLToPath(new URL("../pd", import.meta.url));

interface Machine extends AsyncDisposable {
  readonly root: string;
  /** A folder that is the whole PATH. */
  readonly bin: string;
  readonly cache: string;
  /** The launcher's own folder. */
  readonly home: string;
  /** A program on the machine; returns its path. */
  put(path: string, script: string): Promise<string>;
  run(command: string, args?: readonly string[], options?: RunOptions): Promise<Outcome>;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine with a shell and the few tools that the launcher may use, and nothing else. */
async function machine(folder = "some where"): Promise<Machine> {
  const root = await Deno.makeTempDir({ prefix: "pd launcher " });
  const bin = join(root, "bin");
  const home = join(root, folder);
  const cache = join(root, "cache");
  await Deno.mkdir(bin);
  await Deno.mkdir(home, { recursive: true });
  for (const tool of ["sh", "readlink", "mkdir", "mv", "cat", "ln", "touch"]) {
    await Deno.symlink(await which(tool), join(bin, tool));
  }
  await Deno.copyFile(LAUNCHER, join(home, "pd"));
  await Deno.chmod(join(home, "pd"), 0o755);
  return {
    root,
    bin,
    cache,
    home,
    async put(path, script) {
      const full = join(root, path);
      await Deno.mkdir(join(full, ".."), { recursive: true });
      await Deno.writeTextFile(full, `#!/bin/sh\n${script}\n`);
      await Deno.chmod(full, 0o755);
      return full;
    },
    async run(command, args = [], options = {}) {
      const output = await new Deno.Command(command, {
        args: [...args],
        cwd: options.cwd ?? root,
        clearEnv: true,
        env: { PATH: bin, XDG_CACHE_HOME: cache, ...options.env },
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
    },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

async function which(tool: string): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = join(folder, tool);
    if ((await Deno.stat(path).catch(() => undefined))?.isFile) return path;
  }
  throw new Error(`${tool} is not on PATH`);
}

/** A deno that says what it is asked for its version, and else prints each argument on a line. */
function denoScript(version: string, self: string, marker = "started"): string {
  return `
case $1 in
  eval) echo asked >>"\${0%/*}/asked"; printf 'pd-deno:%s:%s\\n' '${version}' '${self}'; exit ;;
esac
echo "${marker} $PWD"
for arg; do printf '<%s>\\n' "$arg"; done`;
}

async function putDeno(on: Machine, path: string, version: string, marker?: string) {
  return await on.put(path, denoScript(version, join(on.root, path), marker));
}

async function timesAsked(on: Machine, folder: string): Promise<number> {
  const text = await Deno.readTextFile(join(on.root, folder, "asked")).catch(() => "");
  return text.split("\n").length - 1;
}

/** The arguments that deno got after cli/main.ts. */
function argumentsOf({ stdout }: Outcome): string[] {
  const all = [...stdout.matchAll(/<([^>]*)>\n/g)].map((match) => match[1] ?? "");
  return all.slice(all.findIndex((arg) => arg.endsWith("/cli/main.ts")) + 1);
}

Deno.test("pd starts the deno on PATH with its own main.ts and configuration", async () => {
  await using on = await machine();
  await putDeno(on, "bin/deno", "2.9.6");
  const outcome = await on.run(join(on.home, "pd"), ["version"]);
  assert.equal(outcome.stderr, "");
  assert.equal(outcome.code, 0);
  assert.deepEqual([...outcome.stdout.matchAll(/<([^>]*)>/g)].map((match) => match[1]), [
    "run",
    "-A",
    "--quiet",
    "--no-prompt",
    "--config",
    join(on.home, "deno.json"),
    join(on.home, "cli/main.ts"),
    "version",
  ]);
});

Deno.test("pd asks a deno for its version once and remembers the answer", async () => {
  await using on = await machine();
  await putDeno(on, "bin/deno", "2.9.6");
  for (let i = 0; i < 3; i++) await on.run(join(on.home, "pd"));
  assert.equal(await timesAsked(on, "bin"), 1);
});

Deno.test("pd asks again when the deno on PATH is newer than what it remembers", async () => {
  await using on = await machine();
  const deno = await putDeno(on, "bin/deno", "2.9.6");
  await on.run(join(on.home, "pd"));
  const later = new Date(Date.now() + 60_000);
  await Deno.utime(deno, later, later);
  await on.run(join(on.home, "pd"));
  assert.equal(await timesAsked(on, "bin"), 2);
});

const ARGUMENTS: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "empty strings", args: ["run", "", "x", ""] },
  { name: "a double dash", args: ["--", "run", "--", "--help"] },
  { name: "globs", args: ["*", "?", "[a-z]", "~"] },
  { name: "newlines and tabs", args: ["a\nb", "\t", "\n"] },
  { name: "spaces and quotes", args: ["a b", `"`, "'", "\\", "$HOME", "`id`", "$(id)"] },
  { name: "what looks like flags of sh and deno", args: ["-c", "-e", "-A", "--config", "x"] },
  { name: "letters beyond ASCII", args: ["Grüße", "日本", "😀"] },
];

for (const { name, args } of ARGUMENTS) {
  Deno.test(`pd hands on ${name} verbatim`, async () => {
    await using on = await machine();
    await putDeno(on, "bin/deno", "2.9.6");
    assert.deepEqual(argumentsOf(await on.run(join(on.home, "pd"), args)), args);
    // The second start takes the remembered way.
    assert.deepEqual(argumentsOf(await on.run(join(on.home, "pd"), args)), args);
  });
}

const WAYS: readonly {
  readonly name: string;
  /** Sets up the way and says what to call, and from where. */
  start(on: Machine): Promise<{ command: string; args?: string[]; cwd?: string }>;
}[] = [
  { name: "by a relative path", start: (on) => Promise.resolve({ command: "./pd", cwd: on.home }) },
  {
    name: "by a path through another folder",
    start: (on) => Promise.resolve({ command: "../some where/pd", cwd: on.bin }),
  },
  {
    name: "through an absolute symlink",
    async start(on) {
      await Deno.symlink(join(on.home, "pd"), join(on.root, "link"));
      return { command: join(on.root, "link") };
    },
  },
  {
    name: "through a relative symlink, found on PATH",
    async start(on) {
      await Deno.symlink("../some where/pd", join(on.bin, "pd"));
      return { command: "sh", args: ["-c", 'pd "$@"', "sh"] };
    },
  },
  {
    name: "through a chain of symlinks in several folders",
    async start(on) {
      await Deno.mkdir(join(on.root, "a b/c"), { recursive: true });
      await Deno.symlink("../../some where/pd", join(on.root, "a b/c/one"));
      await Deno.symlink("c/one", join(on.root, "a b/two"));
      await Deno.symlink(join(on.root, "a b/two"), join(on.bin, "pd"));
      return { command: join(on.bin, "pd"), cwd: "/" };
    },
  },
  {
    name: "by sh, from its own folder",
    start: (on) => Promise.resolve({ command: "sh", args: ["pd"], cwd: on.home }),
  },
];

for (const { name, start } of WAYS) {
  Deno.test(`pd finds its own folder when it is called ${name}`, async () => {
    await using on = await machine();
    await putDeno(on, "bin/deno", "2.9.6");
    const { command, args = [], cwd } = await start(on);
    const outcome = await on.run(command, [...args, "x"], cwd === undefined ? {} : { cwd });
    assert.equal(outcome.stderr, "");
    assert.deepEqual(argumentsOf(outcome), ["x"]);
    const main = [...outcome.stdout.matchAll(/<([^>]*)>/g)]
      .map((match) => match[1] ?? "")
      .find((arg) => arg.endsWith("/cli/main.ts"));
    assert.equal(
      await Deno.realPath(join(main ?? "", "../..").replace(/\/cli$/, "")),
      await Deno.realPath(on.home),
    );
    // The working directory is the caller's.
    assert.match(outcome.stdout, new RegExp(`^started ${RegExp.escape(cwd ?? on.root)}\n`));
  });
}

Deno.test("pd takes the deno of the npm package when the one on PATH is too old", async () => {
  await using on = await machine();
  await putDeno(on, "bin/deno", "2.8.9", "old");
  const binary = await putDeno(on, "npx cache/deno", "2.9.6", "packaged");
  await on.put("bin/npx", `shift 2; exec '${binary}' "$@"`);
  const first = await on.run(join(on.home, "pd"), ["x"]);
  assert.match(first.stdout, /^packaged/);
  assert.match(first.stderr, /^pd: fetching Deno once through npx …\n$/);
  const second = await on.run(join(on.home, "pd"), ["x"]);
  assert.match(second.stdout, /^packaged/);
  assert.equal(second.stderr, "");
  assert.equal(await timesAsked(on, "bin"), 1);
});

Deno.test("pd needs npx once: then it starts the remembered binary, without node", async () => {
  await using on = await machine();
  const binary = await putDeno(on, "npx cache/deno", "2.9.6");
  const npx = await on.put("bin/npx", `shift 2; exec '${binary}' "$@"`);
  await on.run(join(on.home, "pd"));
  await Deno.remove(npx);
  const outcome = await on.run(join(on.home, "pd"), ["x"]);
  assert.deepEqual(argumentsOf(outcome), ["x"]);
  assert.equal(outcome.stderr, "");
});

Deno.test("pd resolves again when the remembered binary has vanished", async () => {
  await using on = await machine();
  const first = await putDeno(on, "npx cache/deno", "2.9.6", "first");
  await on.put("bin/npx", `shift 2; exec '${first}' "$@"`);
  await on.run(join(on.home, "pd"));
  await Deno.remove(first);
  const second = await putDeno(on, "elsewhere/deno", "2.10.0", "second");
  await on.put("bin/npx", `shift 2; exec '${second}' "$@"`);
  assert.match((await on.run(join(on.home, "pd"))).stdout, /^second/);
});

Deno.test("pd asks npx for a newer deno when the one that npx has is too old", async () => {
  await using on = await machine();
  const old = await putDeno(on, "old/deno", "2.1.0", "old");
  const fresh = await putDeno(on, "new/deno", "3.0.0", "new");
  await on.put(
    "bin/npx",
    `case $2 in deno) shift 2; exec '${old}' "$@" ;; *) shift 2; exec '${fresh}' "$@" ;; esac`,
  );
  assert.match((await on.run(join(on.home, "pd"))).stdout, /^new/);
});

Deno.test("pd says what to install when there is neither deno nor npx", async () => {
  await using on = await machine();
  const outcome = await on.run(join(on.home, "pd"));
  assert.equal(outcome.code, 1);
  assert.equal(outcome.stdout, "");
  assert.equal(
    outcome.stderr,
    "error TOOL_MISSING Cannot start pd as it needs Deno 2.9 or newer, or npx to fetch it: neither is on PATH\n" +
      "fix: install Node.js 20 or newer, which brings npx\n",
  );
});

Deno.test("pd says what npx said when npx fails", async () => {
  await using on = await machine();
  await on.put("bin/npx", "echo 'npm error network request failed' >&2; exit 1");
  const outcome = await on.run(join(on.home, "pd"));
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /error TOOL_MISSING .*npm error network request failed/);
  assert.match(outcome.stderr, /fix: npx --yes deno --version/);
});

Deno.test("pd takes a deno that does not work for none", async () => {
  await using on = await machine();
  await on.put("bin/deno", "exit 3");
  const outcome = await on.run(join(on.home, "pd"));
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /bin\/deno is not a working Deno/);
});

Deno.test("pd starts without a home folder, and remembers nothing then", async () => {
  await using on = await machine();
  await putDeno(on, "bin/deno", "2.9.6");
  const env = { XDG_CACHE_HOME: "", HOME: "" };
  assert.equal((await on.run(join(on.home, "pd"), [], { env })).code, 0);
  assert.equal((await on.run(join(on.home, "pd"), [], { env })).code, 0);
  assert.equal(await timesAsked(on, "bin"), 2);
});

Deno.test("pd starts when its cache folder cannot be written", async () => {
  await using on = await machine();
  await putDeno(on, "bin/deno", "2.9.6");
  await Deno.writeTextFile(on.cache, "a file where a folder should be");
  const outcome = await on.run(join(on.home, "pd"), ["x"]);
  assert.deepEqual(argumentsOf(outcome), ["x"]);
  assert.equal(outcome.stderr, "");
});

const TELEMETRY: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly want: string;
}[] = [
  { name: "pd run .", args: ["run", "."], want: "unset unset unset" },
  { name: "pd run . --otel", args: ["run", ".", "--otel"], want: "true false ignore" },
  { name: "pd dev --otel", args: ["dev", "--otel"], want: "true false ignore" },
  { name: "PD_OTEL=1", args: ["dev"], env: { PD_OTEL: "1" }, want: "true false ignore" },
  { name: "PD_OTEL=off", args: ["dev"], env: { PD_OTEL: "off" }, want: "unset unset unset" },
  {
    name: "OTEL_DENO=true and a choice of its own",
    args: ["dev"],
    env: { OTEL_DENO: "true", OTEL_DENO_TRACING: "true" },
    want: "true true ignore",
  },
  { name: "pd run --otel k6", args: ["run", "--otel", "k6"], want: "true false ignore" },
  {
    name: "pd run --driver native --otel k6",
    args: ["run", "--driver", "native", "--otel", "k6"],
    want: "true false ignore",
  },
  { name: "an --otel of k6", args: ["run", "k6", "--otel"], want: "unset unset unset" },
  {
    name: "an --otel of k6 behind flags of pd",
    args: ["-o", "json", "run", "-e", "A=./b", "k6", "--driver", "native", "run", "--otel"],
    want: "unset unset unset",
  },
  { name: "an --otel behind --", args: ["run", "x", "--", "--otel"], want: "unset unset unset" },
];

for (const { name, args, env = {}, want } of TELEMETRY) {
  Deno.test(`pd starts deno with the telemetry that ${name} asks for`, async () => {
    await using on = await machine();
    const said = ["OTEL_DENO", "OTEL_DENO_TRACING", "OTEL_DENO_CONSOLE"]
      .map((variable) => `"\${${variable}-unset}"`).join(" ");
    await on.put(
      "bin/deno",
      `case $1 in eval) printf 'pd-deno:2.9.6:%s\\n' '${on.bin}/deno'; exit ;; esac; echo ${said}`,
    );
    const outcome = await on.run(join(on.home, "pd"), args, { env });
    assert.equal(outcome.stdout, `${want}\n`);
  });
}

Deno.test("pd knows each flag of pd run that takes a value, to find the target behind it", async () => {
  const launcher = await Deno.readTextFile(LAUNCHER);
  const listed = /^ +(-n \| .*)\)$/m.exec(launcher)?.[1]?.split(" | ") ?? [];
  const wanted = Object.entries(RUN_FLAGS).filter(([, kind]) => kind === "value");
  assert.deepEqual(listed.toSorted(), wanted.map(([flag]) => flag).toSorted());
});

Deno.test("pd is replaced by deno: signals and the exit code are deno's", async () => {
  await using on = await machine();
  await on.put(
    "bin/deno",
    `case $1 in eval) printf 'pd-deno:2.9.6:%s\\n' '${on.bin}/deno'; exit ;; esac; echo $$; exit 42`,
  );
  const child = new Deno.Command(join(on.home, "pd"), {
    clearEnv: true,
    env: { PATH: on.bin, XDG_CACHE_HOME: on.cache },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const { pid } = child;
  const { code, stdout } = await child.output();
  assert.equal(code, 42);
  assert.equal(Number(new TextDecoder().decode(stdout)), pid);
});
