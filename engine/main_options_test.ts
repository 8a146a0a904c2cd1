import assert from "node:assert/strict";
import { mainHelp, type MainOptions, parseMainOptions } from "./main_options.ts";

function parse(args: readonly string[], env: Record<string, string> = {}): MainOptions {
  return parseMainOptions(args, { env: (name) => env[name], isTerminal: true });
}

Deno.test("the engine listens on this machine alone unless told otherwise", () => {
  assert.deepEqual(parse([]), {
    workflow: ".",
    port: 8080,
    host: "127.0.0.1",
    secrets: undefined,
    storage: "memory:",
    watch: false,
    graceMs: 25_000,
    maxRuns: 1000,
    log: "text",
    replay: undefined,
    sockets: undefined,
    insecureWebhooks: false,
    help: false,
  });
});

Deno.test("flags come in both spellings and win over the environment", () => {
  const env = { PD_PORT: "9000", PD_HOST: "::1", PD_WATCH: "1", PD_SECRETS: "/s", PD_LOG: "" };
  const options = parse(["--port", "0", "--workflow=a=b", "--log=json"], env);
  assert.equal(options.port, 0);
  assert.equal(options.host, "::1");
  assert.equal(options.watch, true);
  assert.equal(options.secrets, "/s");
  assert.equal(options.workflow, "a=b");
  assert.equal(options.log, "json");
});

Deno.test("a wrong flag or value is a usage error that names it", () => {
  const cases: readonly [string[], RegExp][] = [
    [["--prot", "1"], /--prot/],
    [["serve"], /serve/],
    [["--port"], /--port.*missing/],
    [["--port="], /--port.*missing/],
    [["--port", "80a"], /80a/],
    [["--port", "65536"], /65536/],
    [["--grace", "-1"], /-1/],
    [["--log", "xml"], /xml/],
    [["--watch=perhaps"], /perhaps/],
    [["--constructor", "x"], /--constructor/],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => parse(args), { code: "USAGE", message }, args.join(" "));
  }
  assert.throws(() => parse([], { PD_PORT: "x" }), { code: "USAGE" });
});

Deno.test("help lists every flag with its environment variable", () => {
  const help = mainHelp();
  for (const word of ["--workflow DIR", "[PD_PORT]", "--watch", "Example:"]) {
    assert.ok(help.includes(word), word);
  }
  assert.equal(parse(["-h"]).help, true);
});
