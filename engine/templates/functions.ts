import { PdError } from "../errors/mod.ts";
import { compare, isEqual } from "./compare.ts";
import { formatValue } from "./format_value.ts";
import { indexOf, lengthOf, sliceOf } from "./parts_of_value.ts";
import { printf } from "./printf.ts";
import { quote } from "./quote.ts";
import { isTrue, type Value } from "./variables.ts";

/** A function of templates: how many arguments it takes, and what it makes of them. */
interface TemplateFunction {
  readonly least: number;
  readonly most: number;
  /** @throws {Error} with what is wrong */
  call(args: readonly Value[]): Value;
}

/** Those whose arguments are looked at only as far as needed: the evaluation knows them. */
export const LAZY_FUNCTIONS: ReadonlySet<string> = new Set(["and", "or"]);

const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  [
    ["and", {
      least: 1,
      most: Infinity,
      call: (args) => args.find((each) => !isTrue(each)) ?? args.at(-1),
    }],
    ["or", { least: 1, most: Infinity, call: (args) => args.find(isTrue) ?? args.at(-1) }],
    ["not", { least: 1, most: 1, call: ([value]) => !isTrue(value) }],
    ["eq", {
      least: 2,
      most: Infinity,
      call: ([value, ...others]) => others.some((each) => isEqual(value, each)),
    }],
    ["ne", { least: 2, most: 2, call: ([a, b]) => !isEqual(a, b) }],
    ["lt", { least: 2, most: 2, call: ([a, b]) => compare(a, b) < 0 }],
    ["le", { least: 2, most: 2, call: ([a, b]) => compare(a, b) <= 0 }],
    ["gt", { least: 2, most: 2, call: ([a, b]) => compare(a, b) > 0 }],
    ["ge", { least: 2, most: 2, call: ([a, b]) => compare(a, b) >= 0 }],
    ["len", { least: 1, most: 1, call: ([value]) => lengthOf(value) }],
    ["index", { least: 1, most: Infinity, call: ([value, ...keys]) => indexOf(value, keys) }],
    ["slice", { least: 1, most: 3, call: ([value, ...bounds]) => sliceOf(value, bounds) }],
    ["print", { least: 0, most: Infinity, call: (args) => joined(args) }],
    ["println", { least: 0, most: Infinity, call: (args) => `${args.map(shown).join(" ")}\n` }],
    ["printf", { least: 1, most: Infinity, call: ([format, ...args]) => printf(format, args) }],
    ["html", { least: 1, most: Infinity, call: (args) => html(joined(args)) }],
    ["urlquery", { least: 1, most: Infinity, call: (args) => urlQuery(joined(args)) }],
    ["default", {
      least: 2,
      most: 2,
      call: ([instead, value]) => isBlank(value) ? instead : value,
    }],
    ["quote", { least: 1, most: Infinity, call: quote }],
  ] satisfies [string, TemplateFunction][],
);

/** Whether templates have a function of that name. */
export function isFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}

/** @throws {Error} with what is wrong, in Go's words where it has them */
export function callFunction(name: string, args: readonly Value[]): Value {
  const found = FUNCTIONS.get(name);
  if (found === undefined) throw new Error(`function "${name}" not defined`);
  const { least, most, call } = found;
  if (args.length < least || args.length > most) {
    const want = most === Infinity
      ? `at least ${least}`
      : least === most
      ? least
      : `${least} to ${most}`;
    throw new Error(`wrong number of args for ${name}: want ${want} got ${args.length}`);
  }
  try {
    return call(args);
  } catch (error) {
    if (error instanceof PdError) throw error;
    throw new Error(`error calling ${name}: ${(error as Error).message}`);
  }
}

/** What `default` fills in for: nothing, false, and empty texts, lists and maps. A zero is a value. */
function isBlank(value: Value): boolean {
  return typeof value !== "number" && !isTrue(value);
}

function shown(value: Value): string {
  return value === null || value === undefined ? "<nil>" : formatValue(value);
}

/** As `fmt.Sprint`: a space between two of which neither is text. */
function joined(args: readonly Value[]): string {
  let text = "";
  for (const [index, value] of args.entries()) {
    const isApart = index > 0 && typeof value !== "string" && typeof args[index - 1] !== "string";
    text += (isApart ? " " : "") + shown(value);
  }
  return text;
}

const ENTITIES: { readonly [char: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

function html(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

function urlQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("%20", "+").replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
