import { CodedError } from "../../engine/errors/mod.ts";
import type { JsonObject, JsonValue } from "../../engine/json/mod.ts";
import type { InputSpec } from "../../engine/spec/mod.ts";
import { didYouMean } from "../../engine/words/mod.ts";
import type { Source } from "../terminal/mod.ts";
import { hintAt, UsageError } from "../usage_error.ts";

/** The declared inputs of a workflow. */
export type Inputs = { readonly [name: string]: InputSpec };

/** Where `--input` may read from. */
export interface InputPlaces {
  readonly stdin: Source;
  /** An absolute path for one that the user typed. */
  resolve(path: string): string;
}

/**
 * The value of `--input`: JSON, `@file`, or `-` for stdin.
 *
 * @throws {PdError} `USAGE` for JSON that is none on the command line, `INPUT_INVALID` in a file or on stdin
 */
export async function readInput(text: string, places: InputPlaces): Promise<JsonValue> {
  if (text === "-") return parse(await places.stdin.text(), "standard input");
  if (!text.startsWith("@")) {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UsageError(
        `Cannot read --input as JSON: ${(error as Error).message}`,
        `--input '{"key": "value"}', --input @file.json, or --input - for standard input`,
      );
    }
  }
  const path = places.resolve(text.slice(1));
  try {
    return parse(await Deno.readTextFile(path), path);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError(
      "INPUT_INVALID",
      `Cannot read "${path}" as the input: ${(error as Error).message}`,
      { fix: `echo '{}' > ${path}`, cause: error },
    );
  }
}

function parse(text: string, where: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CodedError(
      "INPUT_INVALID",
      `Cannot read ${where} as JSON: ${(error as Error).message}`,
      { fix: `echo '{"key": "value"}' | pd run . --input -` },
    );
  }
}

/**
 * Values given as `-i name=value` or `-i name:=JSON`. A declared input is read as its type, any other as
 * a string.
 *
 * @throws {UsageError}
 */
export function readPairs(pairs: readonly string[], inputs: Inputs): JsonObject {
  const values: [string, JsonValue][] = [];
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) {
      throw new UsageError(
        `Cannot use -i "${pair}" as an input is given as name=value`,
        `-i ${pair === "" ? "name" : pair.replace(/^=/, "name=")}${at < 0 ? "=value" : ""}`,
      );
    }
    const isJson = pair[at - 1] === ":";
    const name = pair.slice(0, isJson ? at - 1 : at);
    const text = pair.slice(at + 1);
    values.push([name, isJson ? readJson(name, text) : convert(name, text, inputs[name])]);
  }
  return Object.fromEntries(values);
}

/**
 * Values given as flags of the workflow's own inputs: `--topic deno`, `--topic=deno`, `--fresh`,
 * `--no-fresh`. Words are what the flags of pd left over.
 *
 * @throws {UsageError} for a flag that is no input, a value that is missing, and a word without a flag
 */
export function readInputFlags(
  words: readonly string[],
  inputs: Inputs,
  command: { readonly name: string; readonly flags: readonly string[] },
): JsonObject {
  const values: [string, JsonValue][] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("--") || word === "--") throw unexpected(word, inputs, command);
    const [flag = "", ...rest] = word.split("=");
    const given = word.includes("=") ? rest.join("=") : undefined;
    const name = inputOf(flag.slice(2), inputs);
    const negated = flag.startsWith("--no-")
      ? inputOf(flag.slice("--no-".length), inputs)
      : undefined;
    if (name === undefined) {
      if (negated !== undefined && inputs[negated]?.type === "boolean" && given === undefined) {
        values.push([negated, false]);
        continue;
      }
      throw unexpected(flag, inputs, command);
    }
    const spec = inputs[name];
    if (given !== undefined) values.push([name, convert(name, given, spec)]);
    else if (spec?.type === "boolean") {
      const next = words[i + 1];
      if (next === "true" || next === "false") i++;
      values.push([name, next !== "false"]);
    } else {
      const next = words[++i];
      if (next === undefined) {
        throw new UsageError(
          `Cannot use "${flag}" as its value is missing: it is ${
            withArticle(spec?.type ?? "string")
          }`,
          `${command.name} … ${flag} <${spec?.type ?? "value"}>`,
        );
      }
      values.push([name, convert(name, next, spec)]);
    }
  }
  return Object.fromEntries(values);
}

/** The input that a flag names; `--max-items` means `max_items` when that is how it is declared. */
function inputOf(name: string, inputs: Inputs): string | undefined {
  if (Object.hasOwn(inputs, name)) return name;
  const wanted = name.replaceAll("-", "_");
  return Object.keys(inputs).find((input) => input.replaceAll("-", "_") === wanted);
}

/** The input with the values of `-i` and flags laid over it. */
export function mergeInput(base: JsonValue | undefined, over: JsonObject): JsonValue {
  if (Object.keys(over).length === 0) return base ?? {};
  if (base === undefined) return over;
  if (typeof base !== "object" || base === null || Array.isArray(base)) {
    throw new UsageError(
      "Cannot lay flags over --input as it is not an object",
      `--input '{}' -i name=value`,
    );
  }
  return { ...base as JsonObject, ...over };
}

/** The part of `pd run <dir> --help` that shows the workflow's inputs as flags. */
export function inputHelp(workflow: string, inputs: Inputs): string {
  const rows = Object.entries(inputs).map(([name, spec]) => {
    const flag = spec.type === "boolean" ? `--[no-]${name}` : `--${name} <${spec.type}>`;
    const notes = [
      spec.description,
      spec.enum === undefined
        ? undefined
        : `one of ${spec.enum.map((value) => JSON.stringify(value)).join(", ")}`,
      spec.default === undefined ? undefined : `default ${JSON.stringify(spec.default)}`,
      spec.required ? "required" : undefined,
    ].filter((note) => note !== undefined);
    return [flag, notes.join("; ")] as const;
  });
  if (rows.length === 0) {
    return `\nInputs of ${workflow}: it declares none; -i name=value gives any.\n`;
  }
  const width = Math.max(...rows.map(([flag]) => flag.length));
  const lines = rows.map(([flag, note]) => `  ${flag.padEnd(width)}  ${note}`.trimEnd());
  return `\nInputs of ${workflow}:\n${lines.join("\n")}\n`;
}

/** A text as the value of an input. What does not fit its type stays text, for the input check to report. */
function convert(name: string, text: string, spec: InputSpec | undefined): JsonValue {
  switch (spec?.type) {
    case "number":
    case "integer":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "array":
    case "object":
      return readJson(name, text);
    default:
      return text;
  }
}

function readJson(name: string, text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `Cannot read the input "${name}" as JSON: ${(error as Error).message}`,
      `-i '${name}:=["a", "b"]'`,
    );
  }
}

function unexpected(
  word: string,
  inputs: Inputs,
  command: { readonly name: string; readonly flags: readonly string[] },
): UsageError {
  if (!word.startsWith("-") || word === "-" || word === "--") {
    return new UsageError(
      `Cannot use "${word}" as inputs of a workflow are given as flags`,
      `${command.name} . -i name='${word}'`,
    );
  }
  const near = didYouMean(word, [
    ...command.flags,
    ...Object.keys(inputs).map((name) => `--${name}`),
  ]);
  return new UsageError(
    `Cannot use "${word}" as neither pd nor the workflow has such a flag${hintAt(near)}`,
    near === undefined ? `${command.name} . --help` : `${command.name} . ${near}`,
  );
}

function withArticle(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
