import assert from "node:assert/strict";
import { DockerServer } from "./_docker_server.ts";
import { pd, type PdOutcome } from "./_pd_process.ts";

const EXAMPLES = new URL("../examples", import.meta.url).pathname;

/** Shows how it was called, and a file of the workspace when the last word names one. */
const SHOW = `#!/bin/sh
printf '%s' "\${0##*/}"; printf ' [%s]' "$@"; echo
for last in "$@"; do :; done
if [ -f "$last" ]; then cat "$last"; fi
`;
/** Plans only where it was initialised, and leaves with 2 when there is something to change. */
const TERRAFORM = `${SHOW}echo "automation $TF_IN_AUTOMATION"
case $1 in
  init) mkdir .terraform ;;
  plan) if [ ! -d .terraform ]; then exit 9; fi; exit 2 ;;
esac
`;
const LINT = `${SHOW}echo 'main.go:1: not so' >&2
if [ -f strict ]; then exit 3; fi
`;
/** Image → what stands in for its program. */
const STAND_INS: { readonly [image: string]: { readonly [program: string]: string } } = {
  "grafana/k6:1.3.0": { k6: SHOW },
  "hashicorp/terraform:1.13": { terraform: TERRAFORM },
  "denoland/deno:2.9.6": { deno: SHOW },
  "golang:1.25": { go: SHOW },
  "golangci/golangci-lint:v2.5.0": { "golangci-lint": LINT },
  "alpine:3": {},
};

const found = await DockerServer.find();
let server: DockerServer | undefined;
Deno.test.beforeAll(async () => {
  if (found.status === "missing") return;
  server = await DockerServer.start();
  for (const [image, programs] of Object.entries(STAND_INS)) {
    const files = Object.fromEntries(
      Object.entries(programs).map(([program, text]) => [`bin/${program}`, text]),
    );
    await server.buildImage(image, { files });
  }
});
Deno.test.afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const DRIVERS = [
  { name: "native", ignore: false, address: () => "native" },
  { name: "docker", ignore: found.status === "missing", address: () => server?.address ?? "" },
];

for (const { name, ignore, address } of DRIVERS) {
  const test = testsOn({ name, ignore, address });

  test("k6.ts runs k6 with the words as they are, and the script of the current directory", async (play) => {
    await play.write({ "script.js": "export default 1;\n" });
    await play.store("k6");
    assert.deepEqual(await play.run("k6", "run", "--vus=10", "-e", "A=a b", "", "script.js"), {
      code: 0,
      stdout: "k6 [run] [--vus=10] [-e] [A=a b] [] [script.js]\nexport default 1;\n",
      stderr: "",
    });
  });

  test("terraform.ts initialises the folder before it plans, and ends as the plan does", async (play) => {
    await play.write({ "main.tf": "# nothing\n" });
    await play.store("terraform");
    const plan = await play.run("terraform", "plan", "-detailed-exitcode");
    assert.equal(
      plan.stdout,
      "terraform [init] [-input=false]\nautomation 1\nterraform [plan] [-detailed-exitcode]\nautomation 1\n",
    );
    assert.equal(plan.code, 2);
    const version = await play.run("terraform", "version");
    assert.deepEqual([version.code, version.stdout], [0, "terraform [version]\nautomation 1\n"]);
  });

  test("gotest.ts tests everything, or what it is told", async (play) => {
    await play.store("gotest");
    assert.equal((await play.run("gotest")).stdout, "go [test] [./...]\n");
    assert.equal((await play.run("gotest", "-run", "A|B")).stdout, "go [test] [-run] [A|B]\n");
  });

  test("gotest.ts --lint tests and lints, and fails when one of both does", async (play) => {
    await play.store("gotest");
    const fine = await play.run("gotest", "--lint", "./pkg");
    assert.equal(fine.code, 0);
    assert.deepEqual(fine.stdout.trimEnd().split("\n").sort(), [
      "go [test] [./pkg]",
      "golangci-lint [run]",
    ]);
    assert.equal(fine.stderr, "main.go:1: not so\n");
    await play.write({ "strict": "" });
    assert.equal((await play.run("gotest", "--lint", "./pkg")).code, 3);
  });

  test("examples/mixed takes values through code and a shell", async (play) => {
    const args = ["run", `${EXAMPLES}/mixed`, "--driver", play.driver, "--text", "a b A c b a"];
    const { code, stdout, stderr } = await play.pd(...args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /3 a(\n|\\n)2 b(\n|\\n)1 c/);
  });
}

Deno.test({
  name: "deno-script.ts runs a script that may read the current directory, on docker",
  ignore: found.status === "missing",
  async fn() {
    await using play = await Play.open(server?.address ?? "");
    await play.write({ "main.ts": "console.log(1);\n", "a.txt": "read\n" });
    await play.store("deno-script");
    assert.deepEqual(await play.run("deno-script", "main.ts", "a.txt"), {
      code: 0,
      stdout: "deno [run] [--no-prompt] [--allow-read=.] [main.ts] [a.txt]\nread\n",
      stderr: "",
    });
    const without = await play.run("deno-script");
    assert.equal(without.code, 1);
    assert.match(without.stderr, /Which script\? pd run deno-script main\.ts/);
  },
});

Deno.test("deno-script.ts is refused on native, which keeps no memory limit", async () => {
  await using play = await Play.open("native");
  await play.write({ "main.ts": "console.log(1);\n" });
  await play.store("deno-script");
  const { code, stdout, stderr } = await play.run("deno-script", "main.ts");
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /NOT_SUPPORTED/);
});

/** Makes tests with a folder of their own, that must leave nothing on the daemon. */
function testsOn({ name, ignore, address }: typeof DRIVERS[number]) {
  return (what: string, fn: (play: Play) => Promise<void>): void =>
    Deno.test({
      name: `${what} on ${name}`,
      ignore,
      async fn() {
        {
          await using play = await Play.open(address());
          await fn(play);
        }
        assert.deepEqual(await server?.left() ?? [], []);
      },
    });
}

/** A person in a folder, with a data folder and the stand-ins on PATH. */
class Play implements AsyncDisposable {
  readonly driver: string;
  readonly #dir: string;

  private constructor(dir: string, driver: string) {
    this.#dir = dir;
    this.driver = driver;
  }

  static async open(driver: string): Promise<Play> {
    const play = new Play(await Deno.makeTempDir({ prefix: "pd_examples_" }), driver);
    for (const folder of ["work", "bin", "data"]) await Deno.mkdir(`${play.#dir}/${folder}`);
    for (const [program, text] of Object.values(STAND_INS).flatMap(Object.entries<string>)) {
      await Deno.writeTextFile(`${play.#dir}/bin/${program}`, text, { mode: 0o755 });
    }
    return play;
  }

  /** Files of the current directory. */
  async write(files: { readonly [path: string]: string }): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${this.#dir}/work/${path}`, text);
    }
  }

  async store(name: string): Promise<void> {
    const file = `${EXAMPLES}/pipelines/${name}.ts`;
    const { code, stderr } = await this.pd(
      ...["set-pipeline", file, "--name", name, "--driver", this.driver],
    );
    assert.equal(code, 0, stderr);
  }

  async run(name: string, ...args: string[]): Promise<PdOutcome> {
    return await this.pd("run", name, ...args);
  }

  async pd(...args: string[]): Promise<PdOutcome> {
    const env = {
      PATH: `${this.#dir}/bin:${Deno.env.get("PATH")}`,
      PD_DATA_DIR: `${this.#dir}/data`,
    };
    return await pd(args, { cwd: `${this.#dir}/work`, env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}
