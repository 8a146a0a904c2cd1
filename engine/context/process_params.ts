import { CodedError } from "../errors/mod.ts";
import { parseDuration } from "../units/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import { didYouMean } from "../words/mod.ts";
import type { ProcessOptions } from "./context.ts";

type Check = (value: unknown) => boolean;

const LEVELS: ReadonlySet<unknown> = new Set(["debug", "info", "warn", "error"]);
const isText: Check = (value) => typeof value === "string";
/** What a process can be handed. */
const isArgument: Check = (value) => typeof value === "string" && !value.includes("\0");
const isLevel: Check = (value) => LEVELS.has(value);

/** What each option may be, and how it is said. */
const OPTIONS: { readonly [key in keyof ProcessOptions]-?: readonly [Check, string, string] } = {
  command: [
    (value) => isArgument(value) && (value as string).trim() !== "",
    "the name or path of a program",
    'command: "npm"',
  ],
  args: [
    (value) => Array.isArray(value) && value.every(isArgument),
    "a list of texts without NUL",
    'args: ["run", "build"]',
  ],
  env: [isEnv, "an object of texts, by names of variables", 'env: { NODE_ENV: "production" }'],
  cwd: [(value) => isArgument(value) && value !== "", "a path", 'cwd: "packages/web"'],
  stdin: [isText, "text", 'stdin: "yes\\n"'],
  timeout: [
    (value) => durationOf(value) !== undefined,
    "milliseconds above 0, or a duration such as 30s",
    'timeout: "30s"',
  ],
  stdout_level: [isLevel, "debug, info, warn or error", 'stdout_level: "debug"'],
  stderr_level: [isLevel, "debug, info, warn or error", 'stderr_level: "debug"'],
  check: [(value) => typeof value === "boolean", "true or false", "check: false"],
};

/**
 * The parameters of `process.run` from what a node passed, with the defaults filled in.
 *
 * @throws {CodedError} `PROCESS_INVALID`, naming the option
 */
export function processParams(options: ProcessOptions, image: string | undefined): JsonObject {
  if (typeof options !== "object" || options === null) {
    throw invalid("options", "an object", options, 'ctx.process.run({ command: "npm" })');
  }
  for (const key of Object.keys(options)) if (!Object.hasOwn(OPTIONS, key)) throw unknown(key);
  for (const [key, [isFine, noun, fix]] of Object.entries(OPTIONS)) {
    const value = options[key as keyof ProcessOptions];
    if (value === undefined && key !== "command") continue;
    if (!isFine(value)) throw invalid(key, noun, value, fix);
  }
  const { command, args = [], env = {}, cwd, stdin, timeout } = options;
  const timeoutMs = durationOf(timeout);
  return {
    command,
    args: [...args],
    env: { ...env },
    ...cwd === undefined ? {} : { cwd },
    ...stdin === undefined ? {} : { stdin },
    ...timeoutMs === undefined ? {} : { timeoutMs },
    ...image === undefined ? {} : { image },
    stdoutLevel: options.stdout_level ?? "info",
    stderrLevel: options.stderr_level ?? "warn",
  };
}

function isEnv(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.entries(value).every(([name, text]) =>
      name !== "" && !/[=\0]/.test(name) && isArgument(text)
    );
}

function durationOf(value: unknown): number | undefined {
  const ms = typeof value === "string" ? parseDuration(value) : value;
  return typeof ms === "number" && Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

function unknown(key: string): CodedError {
  const near = didYouMean(key, Object.keys(OPTIONS));
  return new CodedError(
    "PROCESS_INVALID",
    `Cannot call "ctx.process.run" as there is no option "${key.slice(0, 60)}": ` +
      (near === undefined ? "it is unknown" : `did you mean "${near}"`),
    { fix: near === undefined ? `Use ${Object.keys(OPTIONS).join(", ")}` : `Write ${near}:` },
  );
}

/** A value may be a secret: only its type is told. */
function invalid(key: string, noun: string, value: unknown, fix: string): CodedError {
  const state = value === undefined || value === null
    ? "it is missing"
    : value === ""
    ? "it is empty"
    : `it is another ${Array.isArray(value) ? "list" : typeof value}`;
  return new CodedError(
    "PROCESS_INVALID",
    `Cannot call "ctx.process.run" as "${key}" must be ${noun}: ${state}`,
    { fix },
  );
}
