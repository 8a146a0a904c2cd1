// @ts-types="@commander-js/extra-typings"
import { type CommandUnknownOpts, Option } from "commander";
import { GLOBAL_FLAGS } from "./global_flag_list.ts";
import { UsageError } from "./usage_error.ts";

/** The flags that every command takes. */
export interface GlobalFlags {
  readonly namespace: string | undefined;
  readonly registry: string | undefined;
  readonly format: "text" | "json";
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

/** Adds the global flags to a command; a flag or a letter that the command has itself stays its own. */
export function addGlobalFlags(command: CommandUnknownOpts): void {
  for (const [flags, description] of GLOBAL_FLAGS) {
    const isTaken = command.options.some(({ short }) => short && flags.startsWith(`${short}, `));
    const option = new Option(isTaken ? flags.slice("-x, ".length) : flags, description)
      .helpGroup("Global flags:");
    if (command.options.some((own) => own.long === option.long)) continue;
    if (option.long === "--output") option.choices(["text", "json"]);
    command.addOption(option);
  }
}

/** Reads the global flags of a parsed command. */
export function readGlobalFlags(command: CommandUnknownOpts): GlobalFlags {
  const values = command.opts() as { readonly [name: string]: unknown };
  return {
    namespace: text(values["namespace"]),
    registry: text(values["registry"]),
    format: values["output"] === "json" ? "json" : "text",
    quiet: values["quiet"] === true,
    verbose: values["verbose"] === true,
    // The second is prunner's name for the first.
    color: values["color"] !== false && values["disableAnsi"] !== true,
  };
}

/** The name of the environment variable behind a flag: `--no-color` is `PD_NO_COLOR`. */
export function variableOf(longFlag: string): string {
  return `PD_${longFlag.replace(/^--/, "").replaceAll("-", "_").toUpperCase()}`;
}

/** Sets the flags that the environment gives. To be called before the arguments are parsed. */
export function applyEnvironment(
  command: CommandUnknownOpts,
  env: (name: string) => string | undefined,
): void {
  for (const option of command.options) {
    if (option.long === undefined || option.long === null) continue;
    const variable = variableOf(option.long);
    const value = env(variable);
    if (value === undefined) continue;
    const key = option.attributeName();
    if (!option.required && !option.optional) {
      const isSet = readSwitch(variable, value);
      command.setOptionValueWithSource(key, option.negate ? !isSet : isSet, "env");
      continue;
    }
    // A compose file writes what is not set like this.
    if (value === "") continue;
    if (option.argChoices !== undefined && !option.argChoices.includes(value)) {
      throw new UsageError(
        `Cannot use ${variable}="${value}" as ${option.long} takes one of: ${
          option.argChoices.join(", ")
        }`,
        `${variable}=${option.argChoices[0]}`,
      );
    }
    // A flag that may be repeated takes one value from the environment.
    const parsed = option.parseArg === undefined
      ? option.variadic ? [value] : value
      : option.parseArg(value, command.getOptionValue(key));
    command.setOptionValueWithSource(key, parsed, "env");
  }
}

function readSwitch(variable: string, value: string): boolean {
  switch (value.toLowerCase()) {
    case "1":
    case "true":
    case "yes":
    case "on":
      return true;
    case "":
    case "0":
    case "false":
    case "no":
    case "off":
      return false;
    default:
      throw new UsageError(
        `Cannot use ${variable}="${value}" as it switches a flag on or off`,
        `${variable}=1`,
      );
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
