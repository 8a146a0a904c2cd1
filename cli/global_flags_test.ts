import assert from "node:assert/strict";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { applyEnvironment } from "./global_flags.ts";

function valuesWith(env: { readonly [name: string]: string }): unknown {
  const command = new Command()
    .option("--jwt-secret <text>", "text")
    .option("--data <folder>", "folder", ".pd")
    .option("--rate <number>", "number", Number, 500)
    .option("--quiet", "switch");
  applyEnvironment(command as CommandUnknownOpts, (name) => env[name]);
  return command.opts();
}

Deno.test("a variable sets the flag of its name", () => {
  const env = { PD_JWT_SECRET: "s", PD_DATA: "/d", PD_RATE: "7", PD_QUIET: "1" };
  assert.deepEqual(valuesWith(env), { jwtSecret: "s", data: "/d", rate: 7, quiet: true });
});

Deno.test("a variable that is empty sets nothing, as compose files write what is not set", () => {
  const env = { PD_JWT_SECRET: "", PD_DATA: "", PD_RATE: "", PD_QUIET: "" };
  assert.deepEqual(valuesWith(env), { data: ".pd", rate: 500, quiet: false });
});
