import assert from "node:assert/strict";
import type { Cli } from "../cli.ts";
import { createCommand } from "../command.ts";
import { definition } from "../commands/run.ts";
import { addGlobalFlags } from "../global_flags.ts";
import { RUN_FLAGS } from "./run_flags.ts";

Deno.test("the flags that tell the target are those of pd run, each with what it takes", () => {
  const command = definition.build(createCommand(definition), {} as Cli);
  addGlobalFlags(command);
  const wanted: Record<string, "switch" | "value"> = { "--help": "switch", "-h": "switch" };
  for (const { long, short, required } of command.options) {
    const kind = required ? "value" : "switch";
    if (long) wanted[long] = kind;
    if (short) wanted[short] = kind;
  }
  assert.deepEqual({ ...RUN_FLAGS }, wanted);
});
