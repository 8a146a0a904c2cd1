import type { ErrorCode } from "../../errors/mod.ts";
import type { JsonObject, JsonValue } from "../../json/mod.ts";
import { parseDuration } from "../../units/mod.ts";
import { didYouMean } from "../../words/mod.ts";
import { isMap } from "../json_map.ts";
import { FOREVER_MS } from "../normalize_config.ts";
import { describe, type Flaw, type Problem, problemAt, quoted } from "../problem.ts";
import { durationFlaw } from "../text_rules.ts";

type Path = readonly (string | number)[];

/** What the reading of one file shares. */
export interface MapReading {
  readonly problems: Problem[];
  source(path: Path): string | undefined;
}

/** Asked of a number or duration that is below zero. */
type Negative = (value: number) => void;

/** The words of YAML 1.1 for true and false: files that were written for it have them. */
const TRUE = /^(y|yes|true|on)$/i;
const FALSE = /^(n|no|false|off)$/i;

/**
 * Reads the keys of one map, each as the type that it must have. What is wrong becomes a problem and reads as if
 * it were not there; scalars are text as they were written, as in the tool that the format comes from.
 */
export class MapReader {
  readonly path: Path;
  readonly #value: JsonObject;
  readonly #reading: MapReading;

  constructor(reading: MapReading, path: Path, value: JsonValue | undefined) {
    this.path = path;
    this.#reading = reading;
    this.#value = isMap(value) ? value : {};
    if (value !== undefined && value !== null && !isMap(value)) {
      this.#refuse([], "a map", value, { say: "Write keys and values below it" });
    }
  }

  /** Warns of every key but `known`. */
  onlyKnows(known: readonly string[]): this {
    for (const key of Object.keys(this.#value)) {
      if (known.includes(key) || key.startsWith("x-") || key.startsWith(".")) continue;
      const near = didYouMean(key, known.filter((other) => !this.has(other)));
      this.#reading.problems.push(problemAt([...this.path, key], {
        code: "SPEC_UNKNOWN_KEY",
        rule: "there is no such key here",
        state: near === undefined ? "it is ignored" : `did you mean ${quoted(near)}`,
        fix: {
          say: near === undefined
            ? `Remove ${quoted(key)}; the keys here are ${known.join(", ")}`
            : `Rename ${quoted(key)} to ${near}:`,
        },
      }, { at: "key", severity: "warning" }));
    }
    return this;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key) && this.#value[key] !== null;
  }

  keys(): readonly string[] {
    return Object.keys(this.#value);
  }

  /** The map below `key`; an empty one when there is none. */
  map(key: string): MapReader {
    return new MapReader(this.#reading, [...this.path, key], this.#own(key));
  }

  isMap(key: string): boolean {
    return isMap(this.#own(key) ?? null);
  }

  /** Text, or a number or word as it was written. */
  text(key: string): string | undefined {
    return this.has(key) ? this.#text([key], this.#own(key)) : undefined;
  }

  flag(key: string): boolean {
    if (!this.has(key)) return false;
    const value = this.#own(key);
    if (typeof value === "boolean") return value;
    if (typeof value === "string" && TRUE.test(value)) return true;
    if (typeof value !== "string" || !FALSE.test(value)) {
      this.#refuse([key], "true or false", value, { write: "true" });
    }
    return false;
  }

  /** A whole number of at least 0; `negative` is told of others, and they read as absent. */
  count(key: string, negative: Negative): number | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#own(key);
    const number = typeof value === "string" && /^[-+]?\d{1,15}$/.test(value)
      ? Number(value)
      : value;
    if (typeof number !== "number" || !Number.isSafeInteger(number)) {
      this.#refuse([key], "a whole number", value, { write: "1" });
      return undefined;
    }
    if (number >= 0) return number;
    negative(number);
    return undefined;
  }

  /** Milliseconds of a duration of at least 0; `negative` is told of others, and they read as absent. */
  duration(key: string, negative: Negative): number | undefined {
    const text = this.text(key)?.trim();
    if (text === undefined) return undefined;
    const isNegative = text.startsWith("-");
    const size = isNegative || text.startsWith("+") ? text.slice(1) : text;
    const ms = parseDuration(size);
    if (isNegative && ms !== undefined && ms > 0) {
      negative(-ms);
      return undefined;
    }
    const flaw = durationFlaw(size, { min: 0, max: FOREVER_MS });
    if (flaw === undefined) return ms;
    this.flaw([key], flaw);
    return undefined;
  }

  /** A list of texts; one text stands for a list of it. */
  texts(key: string): readonly string[] {
    if (!this.has(key)) return [];
    const value = this.#own(key);
    if (isMap(value ?? null)) {
      this.#refuse([key], "a list of texts", value, { say: "Write one - for each entry" });
      return [];
    }
    if (!Array.isArray(value)) return [this.#text([key], value) ?? ""];
    return value.flatMap((entry: JsonValue, index) => this.#text([key, index], entry) ?? []);
  }

  /** Variables of a process. */
  env(key: string): { readonly [name: string]: string } {
    const variables: { [name: string]: string } = {};
    if (!this.has(key)) return variables;
    const below = this.map(key);
    for (const name of below.keys()) {
      if (name === "" || /[=\0]/.test(name)) {
        below.flaw([name], {
          code: "SPEC_NAME",
          rule: "the name of a variable has no = and is not empty",
          state: quoted(name),
          fix: { say: "Rename the variable" },
        }, "key");
        continue;
      }
      const value = below.has(name) ? below.text(name) : "";
      if (value?.includes("\0")) {
        below.flaw([name], {
          code: "SPEC_VALUE",
          rule: "a variable holds text",
          state: "it has a NUL byte",
          fix: { say: "Remove the NUL byte" },
        });
      } else if (value !== undefined) variables[name] = value;
    }
    return variables;
  }

  flaw(path: Path, flaw: Flaw, at: "key" | "value" = "value"): void {
    this.#reading.problems.push(problemAt([...this.path, ...path], flaw, { at }));
  }

  /** An error, or a warning, in words of its own. */
  say(
    path: Path,
    problem: {
      readonly code: ErrorCode;
      readonly message: string;
      readonly fix: string;
      readonly at?: "key" | "value";
      readonly severity?: "error" | "warning";
    },
  ): void {
    this.#reading.problems.push({
      at: "value",
      severity: "error",
      ...problem,
      path: [...this.path, ...path],
    });
  }

  #own(key: string): JsonValue | undefined {
    return Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
  }

  #text(path: Path, value: JsonValue | undefined): string | undefined {
    if (typeof value === "string") return value;
    if (value === null || value === undefined) return "";
    if (typeof value !== "object") {
      return this.#reading.source([...this.path, ...path]) ?? String(value);
    }
    const isEntry = typeof path.at(-1) === "number";
    this.#refuse(path, "text", value, {
      say: isEntry && isMap(value)
        ? "Put the entry in quotes, as a colon with a space behind it makes a map of it"
        : "Write one text",
    });
    return undefined;
  }

  #refuse(path: Path, noun: string, value: JsonValue | undefined, fix: Flaw["fix"]): void {
    this.flaw(path, {
      code: "SPEC_TYPE",
      rule: `it must be ${noun}`,
      state: `it is ${describe(value)}`,
      fix,
    });
  }
}
