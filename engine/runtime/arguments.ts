import { CodedError } from "../errors/mod.ts";
import { parseBytes, parseDuration } from "../units/mod.ts";
import type { Command, StepLimits, Volume } from "./types.ts";

/** Where an argument stands, for messages: `runtime.run("lint")`. */
export type Place = string;

/** A refusal of an argument, naming the key. */
export function invalid(place: Place, key: string, state: string): CodedError {
  return new CodedError(
    "PIPELINE_INVALID",
    `Cannot take ${key} of ${place} as it must be ${state}`,
    {
      fix: `Correct ${key} in that call; docs/reference/pipeline-runtime.md shows its form`,
    },
  );
}

/** The object of options that a call takes, without a key that it does not know. */
export function readOptions(
  value: unknown,
  place: Place,
  keys: readonly string[],
): Record<string, unknown> {
  if (!isObject(value)) throw invalid(place, "the argument", `an object: it is ${show(value)}`);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw invalid(place, `"${unknown}"`, `one of ${keys.join(", ")}: there is no such key`);
  }
  return value;
}

/** Text, where it is given. */
export function readText(value: unknown, place: Place, key: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw invalid(place, `"${key}"`, `text: it is ${show(value)}`);
}

/** Text that is there and is not empty. */
export function readName(value: unknown, place: Place, key: string): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
  throw invalid(place, `"${key}"`, `text that is not empty: it is ${show(value)}`);
}

/** `true` or `false`, which is the default. */
export function readFlag(value: unknown, place: Place, key: string): boolean {
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  throw invalid(place, `"${key}"`, `true or false: it is ${show(value)}`);
}

/** Program and arguments as one list, and the user. */
export function readCommand(
  value: unknown,
  place: Place,
): { readonly command: readonly string[]; readonly user: string | undefined } {
  const command = value as Command;
  if (!isObject(value)) {
    throw invalid(place, `"command"`, `{path, args, user}: it is ${show(value)}`);
  }
  const unknown = Object.keys(value).find((key) => !["path", "args", "user"].includes(key));
  if (unknown !== undefined) {
    throw invalid(place, `"command.${unknown}"`, "path, args or user: there is no such key");
  }
  const path = readName(command.path, place, "command.path");
  const args: unknown = command.args ?? [];
  if (!Array.isArray(args)) throw invalid(place, `"command.args"`, `a list: it is ${show(args)}`);
  args.forEach((arg: unknown, index) => {
    if (typeof arg !== "string" || arg.includes("\0")) {
      throw invalid(place, `"command.args[${index}]"`, `text without NUL: it is ${show(arg)}`);
    }
  });
  return { command: [path, ...args], user: readText(command.user, place, "command.user") };
}

/** Variables by name; no message shows a value. */
export function readEnv(value: unknown, place: Place): { readonly [name: string]: string } {
  if (value === undefined) return {};
  if (!isObject(value)) throw invalid(place, `"env"`, `an object of texts: it is ${show(value)}`);
  for (const [name, text] of Object.entries(value)) {
    if (name === "" || /[=\0]/.test(name)) {
      throw invalid(place, `"env"`, `an object of names without "=": one is "${name}"`);
    }
    // Not what it is: a variable's value may be a secret.
    if (typeof text !== "string" || text.includes("\0")) {
      throw invalid(
        place,
        `"env.${name}"`,
        `text without NUL: it is ${typeof text === "string" ? "not" : kindOf(text)}`,
      );
    }
  }
  return value as { readonly [name: string]: string };
}

/** Path → name of the volume. */
export function readMounts(value: unknown, place: Place): { readonly [path: string]: string } {
  if (value === undefined) return {};
  if (!isObject(value)) {
    throw invalid(place, `"mounts"`, `an object of volumes by path: it is ${show(value)}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([path, volume]) => {
      if (!path.startsWith("/") || path.includes("\0") || path.split("/").includes("..")) {
        throw invalid(place, `"mounts"`, `an object of volumes by absolute path: one is "${path}"`);
      }
      const name = typeof volume === "string" ? volume : (volume as Volume | null)?.name;
      if (typeof name !== "string" || name === "") {
        throw invalid(
          place,
          `"mounts[${path}]"`,
          `what createVolume gave, or a name: it is ${show(volume)}`,
        );
      }
      return [path, name];
    }),
  );
}

/** Milliseconds. */
export function readTimeout(value: unknown, place: Place): number | undefined {
  if (value === undefined) return undefined;
  const ms = typeof value === "string" ? parseDuration(value) : value;
  if (typeof ms === "number" && Number.isFinite(ms) && ms > 0) return ms;
  throw invalid(
    place,
    `"timeout"`,
    `milliseconds above 0, or text such as "30s": it is ${show(value)}`,
  );
}

/** Cores, bytes and processes. */
export function readLimits(
  value: unknown,
  place: Place,
): { readonly cpu?: number; readonly memoryBytes?: number; readonly pids?: number } {
  if (value === undefined) return {};
  const keys = ["cpu", "memory", "pids"];
  const { cpu, memory, pids } = readOptions(value, `${place} limits`, keys) as StepLimits;
  if (cpu !== undefined && !(typeof cpu === "number" && Number.isFinite(cpu) && cpu > 0)) {
    throw invalid(place, `"limits.cpu"`, `cores above 0, such as 0.5: it is ${show(cpu)}`);
  }
  const memoryBytes = typeof memory === "string" ? parseBytes(memory) : memory;
  const isSize = typeof memoryBytes === "number" && Number.isSafeInteger(memoryBytes) &&
    memoryBytes > 0;
  if (memory !== undefined && !isSize) {
    throw invalid(
      place,
      `"limits.memory"`,
      `bytes, or text such as "512Mi": it is ${show(memory)}`,
    );
  }
  if (pids !== undefined && !(Number.isSafeInteger(pids) && pids > 0)) {
    throw invalid(place, `"limits.pids"`, `a whole number above 0: it is ${show(pids)}`);
  }
  return {
    ...cpu === undefined ? {} : { cpu },
    ...memoryBytes === undefined ? {} : { memoryBytes },
    ...pids === undefined ? {} : { pids },
  };
}

/** Takes the parts of what a program writes. */
export type OutputListener = (stream: "stdout" | "stderr", text: string) => void;

/** A function, where it is given. */
export function readListener(value: unknown, place: Place): OutputListener | undefined {
  if (value === undefined || typeof value === "function") {
    return value as OutputListener | undefined;
  }
  throw invalid(place, `"onOutput"`, `a function: it is ${show(value)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (typeof value === "string") return value.length > 60 ? "a longer text" : JSON.stringify(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `of type ${typeof value}`;
}
