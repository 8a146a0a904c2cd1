import assert from "node:assert/strict";
import { fakeIo, type FakeIoOptions } from "./fake_io.ts";
import { runCli } from "./run_cli.ts";

async function pd(args: readonly string[], options: FakeIoOptions = {}) {
  const io = fakeIo(options);
  const code = await runCli(args, io);
  return { code, ...io.written };
}

Deno.test("pd without a command prints every command and what to start with", async (t) => {
  const { code, stdout, stderr } = await pd([]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  await t.assertSnapshot(stdout);
});

const HELP: readonly (readonly string[])[] = [["--help"], ["-h"], ["help"], ["help", "--no-color"]];

for (const args of HELP) {
  Deno.test(`pd ${args.join(" ")} prints the help`, async () => {
    const { code, stdout } = await pd(args);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: pd <command>/);
  });
}

Deno.test("pd help <command> is pd <command> --help", async () => {
  assert.equal((await pd(["help", "run"])).stdout, (await pd(["run", "--help"])).stdout);
});

Deno.test("pd --help -o json is one JSON document", async () => {
  const { stdout } = await pd(["--help", "-o", "json"]);
  assert.match(JSON.parse(stdout).help, /^Usage: pd/);
});

Deno.test("pd --version is pd version", async () => {
  assert.equal((await pd(["--version"])).stdout, (await pd(["version"])).stdout);
});

Deno.test("pd version names pd, deno, v8 and typescript", async () => {
  const { code, stdout } = await pd(["version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^pd \d+\.\d+\.\d+ \(deno [\d.]+, v8 \S+, typescript [\d.]+\)\n$/);
  const json = JSON.parse((await pd(["version", "-o", "json"])).stdout);
  assert.deepEqual(Object.keys(json), ["engine", "deno", "v8", "typescript"]);
});

const WRONG: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly says: RegExp;
  readonly fix: string;
}[] = [
  {
    name: "a mistyped command",
    args: ["vlaidate"],
    says: /pd has no such command: did you mean "validate"\?/,
    fix: "pd validate",
  },
  { name: "an unknown command", args: ["frobnicate"], says: /no such command/, fix: "pd --help" },
  {
    name: "a mistyped flag",
    args: ["version", "--quite"],
    says: /did you mean "--quiet"/,
    fix: "pd version --quiet",
  },
  {
    name: "a mistyped flag before the command",
    args: ["--verbos"],
    says: /did you mean "--verbose"/,
    fix: "pd --verbose",
  },
  {
    name: "too many arguments",
    args: ["version", "x"],
    says: /takes 0 arguments/,
    fix: "pd version --help",
  },
  {
    name: "a missing argument",
    args: ["completions"],
    says: /<shell> is missing/,
    fix: "pd completions",
  },
  {
    name: "a wrong choice",
    args: ["completions", "tcsh"],
    says: /Allowed choices are/,
    fix: "pd completions --help",
  },
  {
    name: "a missing value",
    args: ["version", "-o"],
    says: /its value is missing/,
    fix: "pd version --help",
  },
  {
    name: "a wrong output",
    args: ["version", "-o", "xml"],
    says: /text, json/,
    fix: "pd version --help",
  },
  { name: "no target", args: ["run"], says: /needs a target/, fix: "pd run ." },
  {
    name: "a flag for a target",
    args: ["run", "--topic", "x"],
    says: /the target comes first/,
    fix: "pd run . --topic",
  },
  {
    name: "a wrong port",
    args: ["dev", "--port", "80000"],
    says: /from 0 to 65535/,
    fix: "--port 8080",
  },
  {
    name: "replay with record",
    args: ["run", ".", "--replay", "--record"],
    says: /--replay with --record/,
    fix: "pd run . --record",
  },
  {
    name: "no name off a terminal",
    args: ["init"],
    says: /this is no terminal/,
    fix: "pd init my-flow",
  },
  {
    name: "a name with capitals",
    args: ["init", "MyFlow"],
    says: /did you mean "my-flow"/,
    fix: "pd init my-flow",
  },
  {
    name: "a path for a name",
    args: ["init", "a/b-c"],
    says: /"b-c"/,
    fix: "pd init b-c --dir a/b-c",
  },
  {
    name: "png on stdout",
    args: ["visualize", ".", "--format", "png"],
    says: /needs a file/,
    fix: "-o graph.png",
  },
];

for (const { name, args, says, fix } of WRONG) {
  Deno.test(`pd exits with 2 for ${name}, and says how to do it`, async () => {
    const { code, stdout, stderr } = await pd(args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^error USAGE /);
    assert.match(stderr, says);
    assert.ok(stderr.includes("fix: ") && stderr.includes(fix), stderr);
    const json = await pd([...args, "-o", "json"]);
    if (args.at(-1) !== "-o" && !args.includes("xml")) {
      assert.equal(json.code, 2);
      assert.equal(json.stderr, "");
      assert.equal(JSON.parse(json.stdout).error.code, "USAGE");
    }
  });
}

Deno.test("global flags are taken before and after the command", async () => {
  for (
    const args of [["-o", "json", "version"], ["version", "-o", "json"], [
      "--output=json",
      "version",
    ]]
  ) {
    assert.equal(typeof JSON.parse((await pd(args)).stdout).engine, "string");
  }
});

Deno.test("a flag is read from its PD_ variable, and the command line wins", async () => {
  const env = { PD_OUTPUT: "json" };
  assert.ok((await pd(["version"], { env })).stdout.startsWith("{"));
  assert.ok((await pd(["version", "-o", "text"], { env })).stdout.startsWith("pd "));
});

Deno.test("a PD_ variable that its flag cannot take is wrong usage", async () => {
  for (const env of [{ PD_OUTPUT: "xml" }, { PD_QUIET: "maybe" }]) {
    const { code, stderr } = await pd(["version"], { env });
    assert.equal(code, 2);
    assert.match(stderr, /Cannot use PD_(OUTPUT|QUIET)=/);
  }
});

Deno.test("an error shows its stack with -v only", async () => {
  const args = ["run", "no-such-folder"];
  assert.ok(!(await pd(args)).stderr.includes("    at "));
  assert.ok((await pd([...args, "-v"])).stderr.includes("    at "));
});

Deno.test("colour is for terminals, and NO_COLOR and --no-color switch it off", async () => {
  const terminal = { columns: 80, rows: 24 };
  // deno-lint-ignore no-control-regex -- colour is such a sequence
  const colour = /\x1b\[3/;
  assert.match((await pd(["nope"], { terminal })).stderr, colour);
  assert.doesNotMatch((await pd(["nope"])).stderr, colour);
  assert.match((await pd(["nope"], { env: { FORCE_COLOR: "1" } })).stderr, colour);
  assert.doesNotMatch((await pd(["nope", "--no-color"], { terminal })).stderr, colour);
  assert.doesNotMatch((await pd(["nope"], { terminal, env: { NO_COLOR: "1" } })).stderr, colour);
});

Deno.test("pd run names every place where it looked for a target", async () => {
  const { code, stderr } = await pd(["run", "demo"], { cwd: "/no/such/place" });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error TARGET_NOT_FOUND Cannot find "demo" as a workflow or pipeline; looked at \/no\/such\/place\/demo: no such file or folder; stored pipelines \(memory:\): none of that name; \.pd\/pipelines\/demo\.ts and \.pd\/pipelines\/demo\/workflow\.yaml in \/no\/such\/place, \/no\/such, \/no, \/: no such file; a Kubernetes context: neither KUBECONFIG nor HOME is set\n/,
  );
  assert.match(stderr, /\nfix: pd init my-flow\n$/);
});

for (const command of ["run", "validate", "visualize", "dev", "test"]) {
  Deno.test(`pd ${command} without its target offers itself for the workflow that is near`, async () => {
    const cwd = new URL("../examples", import.meta.url).pathname;
    const { code, stderr } = await pd([command, "nope"], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`\nfix: pd ${command} github-digest\n$`));
  });
}

Deno.test("Ctrl-C ends pd run while it waits for standard input", async () => {
  const io = fakeIo({ cwd: new URL("../examples", import.meta.url).pathname });
  const waiting = Promise.withResolvers<void>();
  const stdin = {
    isTerminal: true,
    text: () => (waiting.resolve(), new Promise<string>(() => {})),
  };
  const running = runCli(["run", "hello", "--input", "-"], { ...io, stdin });
  await waiting.promise;
  io.controller.abort(new DOMException("The process got SIGINT", "AbortError"));
  assert.equal(await running, 130);
  assert.match(io.written.stderr, /^reading the input from this terminal: end it with Ctrl-D\n/);
  assert.match(io.written.stderr, /RUN_CANCELLED Cannot finish as it was interrupted: Ctrl-C\n/);
});

for (const given of [["-i", "nme=Ada"], ["--input", '{"nme": "Ada"}']]) {
  Deno.test(`pd run ${given.join(" ")} says which input was probably meant`, async () => {
    const cwd = new URL("../examples", import.meta.url).pathname;
    const { code, stderr } = await pd(["run", "hello", ...given], { cwd });
    assert.equal(code, 0);
    assert.match(stderr, /^warning the workflow declares no input "nme": did you mean "name"\?\n/);
  });
}

Deno.test("pd run says in flags what is wrong with an input that was given as one", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    const yaml = 'name: asks\nversion: "1.0"\ninputs:\n  q: { required: true }\n' +
      "  limit: { type: integer }\nnodes:\n  a: { path: ./a.ts, permissions: { net: [] } }\n";
    await Deno.writeTextFile(`${cwd}/workflow.yaml`, yaml);
    await Deno.writeTextFile(`${cwd}/a.ts`, "export default () => 1;");
    const { code, stderr } = await pd(["run", ".", "--limit", "two"], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, /INPUT_INVALID .*"q" is required/);
    assert.match(stderr, /\nfix: pd run \. --q="…" --limit=1\n$/);
    const asJson = await pd(["run", ".", "--input", "{}"], { cwd });
    assert.match(asJson.stderr, /\nfix: Add "q": "…"\n$/);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

Deno.test("pd visualize draws no text into a file that is named like a picture", async () => {
  const { code, stderr } = await pd(["visualize", "-o", "graph.bmp"]);
  assert.equal(code, 2);
  assert.match(stderr, /"graph\.bmp" as its ending names no format: known are \.txt, /);
  assert.match(stderr, /\nfix: pd visualize \. --format text -o graph\.bmp\n$/);
});

Deno.test("completion scripts for bash, zsh and fish ask pd at each Tab", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await pd(["completions", shell]);
    assert.equal(code, 0);
    assert.match(stdout, /pd complete -- /);
  }
});

Deno.test("the bash completion evaluates nothing that was typed or found", async () => {
  const { stdout } = await pd(["completions", "bash"]);
  assert.doesNotMatch(stdout, /\beval\b|compgen -W/);
});
