import { CodedError } from "../errors/mod.ts";
import type { JsonValue } from "../json/mod.ts";

/** Where texts may not have a NUL byte, as no program could be given it. */
const NUL = "\0";
/** The longest time a timer takes, a good three weeks. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/**
 * The parameters of a question, read strictly: they come from the code of users. Each reader refuses what is
 * not as it should be with `TASK_INVALID`, naming the parameter.
 */
export class AskParams {
  readonly #method: string;
  readonly #values: { readonly [key: string]: JsonValue };

  constructor(method: string, params: JsonValue) {
    this.#method = method;
    if (!isMap(params)) throw this.#refuse("its parameters", "an object", params);
    this.#values = params;
  }

  text(key: string): string {
    const value = this.#value(key);
    if (typeof value !== "string" || value === "" || value.includes(NUL)) {
      throw this.#refuse(key, "text of at least one character, without NUL", value);
    }
    return value;
  }

  optionalText(key: string): string | undefined {
    return this.#value(key) === undefined ? undefined : this.text(key);
  }

  /** Any text, the empty one and NUL included. */
  stdin(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined || typeof value === "string") return value;
    throw this.#refuse(key, "text", value);
  }

  texts(key: string): readonly string[] {
    const value = this.#value(key) ?? [];
    if (
      Array.isArray(value) && value.every((each) => typeof each === "string" && !each.includes(NUL))
    ) {
      return value as readonly string[];
    }
    throw this.#refuse(key, "a list of texts without NUL", value);
  }

  /** A program and its arguments. */
  command(key: string): readonly string[] {
    const [program, ...args] = this.texts(key);
    if (program === undefined || program === "") {
      throw this.#refuse(key, "a program and its arguments", this.#value(key));
    }
    return [program, ...args];
  }

  optionalCommand(key: string): readonly string[] | undefined {
    return this.#value(key) === undefined ? undefined : this.command(key);
  }

  /** Names without `=`, values without NUL. */
  env(key: string): { readonly [name: string]: string } {
    const value = this.#value(key) ?? {};
    if (!isMap(value)) throw this.#refuse(key, "an object of texts", value);
    for (const [name, text] of Object.entries(value)) {
      if (name === "" || name.includes("=") || name.includes(NUL)) {
        throw this.#refuse(`${key}.${name}`, "a name without = and NUL", name);
      }
      if (typeof text !== "string" || text.includes(NUL)) {
        throw this.#refuse(`${key}.${name}`, "text without NUL", text);
      }
    }
    return value as { readonly [name: string]: string };
  }

  /** Path in the container → name of a volume. */
  mounts(key: string): readonly { name: string; path: string; readOnly: false }[] {
    const value = this.#value(key) ?? {};
    if (!isMap(value)) throw this.#refuse(key, "an object from paths to names of volumes", value);
    return Object.entries(value).map(([path, name]) => {
      const isPath = path.startsWith("/") && path !== "/" && !path.includes(NUL) &&
        !path.split("/").includes("..");
      if (!isPath) throw this.#refuse(key, 'absolute paths below "/" without ".."', path);
      return {
        name: this.#volumeName(`${key}[${JSON.stringify(path)}]`, name),
        path,
        readOnly: false,
      };
    });
  }

  volumeName(key: string): string {
    return this.#volumeName(key, this.#value(key));
  }

  integer(key: string): number {
    const value = this.#value(key);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.#refuse(key, "a whole number from 0 on", value);
  }

  optionalInteger(key: string): number | undefined {
    return this.#value(key) === undefined ? undefined : this.integer(key);
  }

  timeoutMs(key: string): number | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && value > 0 && value <= MAX_TIMEOUT_MS) return value;
    throw this.#refuse(key, "milliseconds above 0, 24 days at most", value);
  }

  flag(key: string): boolean {
    const value = this.#value(key) ?? false;
    if (typeof value === "boolean") return value;
    throw this.#refuse(key, "true or false", value);
  }

  limits(
    key: string,
  ): { readonly cpu?: number; readonly memoryBytes?: number; readonly pids?: number } {
    const value = this.#value(key) ?? {};
    if (!isMap(value)) throw this.#refuse(key, "an object", value);
    const { cpu, memoryBytes, pids } = value as { readonly [key: string]: JsonValue | undefined };
    return {
      ...cpu === undefined || cpu === null ? {} : { cpu: this.#positive(`${key}.cpu`, cpu) },
      ...memoryBytes === undefined || memoryBytes === null
        ? {}
        : { memoryBytes: Math.ceil(this.#positive(`${key}.memoryBytes`, memoryBytes)) },
      ...pids === undefined || pids === null
        ? {}
        : { pids: Math.ceil(this.#positive(`${key}.pids`, pids)) },
    };
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T {
    const value = this.#value(key);
    const choice = choices.find((each) => each === value);
    if (choice === undefined) throw this.#refuse(key, `one of ${choices.join(", ")}`, value);
    return choice;
  }

  #positive(key: string, value: JsonValue): number {
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw this.#refuse(key, "a number above 0", value);
  }

  #volumeName(key: string, value: JsonValue | undefined): string {
    if (typeof value === "string" && VOLUME_NAME.test(value)) return value;
    throw this.#refuse(key, "a name of letters, digits, - _ and ., 63 at most", value);
  }

  #value(key: string): JsonValue | undefined {
    const value = Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
    return value ?? undefined;
  }

  #refuse(key: string, rule: string, value: JsonValue | undefined): CodedError {
    const state = value === undefined ? "missing" : JSON.stringify(value).slice(0, 80);
    return new CodedError(
      "TASK_INVALID",
      `Cannot do "${this.#method}" as ${key} must be ${rule}: it is ${state}`,
      { fix: `Correct ${key} where the code calls it` },
    );
  }
}

function isMap(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
