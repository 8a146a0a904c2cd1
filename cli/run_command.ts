import { resolve } from "node:path";
// @ts-types="@commander-js/extra-typings"
import { CommanderError } from "commander";
import type { Cli } from "./cli.ts";
import { type CommandDefinition, createCommand } from "./command.ts";
import {
  addGlobalFlags,
  applyEnvironment,
  type GlobalFlags,
  readGlobalFlags,
} from "./global_flags.ts";
import type { Prepared } from "./prepared.ts";
import { type Io, loadColors, Output, wantsColor } from "./terminal/mod.ts";
import { toUsageError } from "./usage_error.ts";
import { wantsJson } from "./report_error.ts";

/**
 * Parses the arguments of one verb, without the verb, and runs its action. Resolves to the exit code.
 *
 * @throws {PdError} what the action throws, and `USAGE` for wrong arguments
 */
export async function runCommand(
  definition: CommandDefinition,
  args: readonly string[],
  io: Io,
  prepared?: Prepared,
): Promise<number> {
  const ready: { flags?: GlobalFlags; out?: Output } = {};
  const cli: Cli = {
    io,
    prepared,
    exitCode: 0,
    get flags() {
      if (ready.flags === undefined) throw new Error("The flags are read inside actions only");
      return ready.flags;
    },
    get out() {
      if (ready.out === undefined) throw new Error("Output is open inside actions only");
      return ready.out;
    },
    resolve: (path) => resolve(io.cwd, path),
  };
  let help = "";
  const command = definition.build(createCommand(definition), cli);
  addGlobalFlags(command);
  command
    .exitOverride()
    .configureOutput({ writeOut: (text) => help += text, writeErr: () => {} })
    .hook("preAction", async () => {
      ready.flags = readGlobalFlags(command);
      ready.out = await openOutput(ready.flags, io);
    });
  try {
    applyEnvironment(command, io.env);
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw toUsageError(error, command);
    help += await definition.moreHelp?.(args.filter((arg) => !/^(-h|--help)$/.test(arg)), cli) ??
      "";
    io.stdout.write(wantsJson(args, io) ? `${JSON.stringify({ help }, null, 2)}\n` : help);
    return 0;
  }
  return cli.exitCode;
}

/** Output as the global flags want it. */
async function openOutput(flags: GlobalFlags, io: Io): Promise<Output> {
  const [colors, errorColors] = await Promise.all(
    [io.stdout, io.stderr].map(({ isTerminal }) =>
      loadColors(wantsColor({ flag: flags.color, isTerminal, env: io.env }))
    ),
  ) as [Output["colors"], Output["colors"]];
  return new Output({ io, ...flags, colors, errorColors });
}
