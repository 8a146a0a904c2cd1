import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { variableOf } from "../global_flags.ts";

/** Flags that prunner has too: its variables count where nothing else was said. */
const SHARED = [
  "verbose",
  "config",
  "data",
  "pattern",
  "path",
  "address",
  "env-files",
  "watch",
  "poll-interval",
] as const;

/** What `PRUNNER_*` says for flags of the same name that neither the command line nor `PD_*` has set. */
export function prunnerEnvironment(
  command: CommandUnknownOpts,
  env: (name: string) => string | undefined,
): { readonly [name: string]: string } {
  const found: { [name: string]: string } = {};
  for (const name of SHARED) {
    const option = command.options.find(({ long, negate }) => long === `--${name}` && !negate);
    if (option === undefined) continue;
    const key = option.attributeName();
    const source = command.getOptionValueSource(key);
    if (source !== undefined && source !== "default") continue;
    const value = env(variableOf(name).replace(/^PD_/, "PRUNNER_"));
    if (value !== undefined && value !== "") found[key] = value;
  }
  return found;
}
