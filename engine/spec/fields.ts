/** The building blocks of the schema: leaves with a description, an example, and a rule of their own. */
import * as z from "zod";
import type { Flaw } from "./problem.ts";
import { bytesFlaw, durationFlaw, filledFlaw } from "./text_rules.ts";

/** How messages call a field's value, where "text" or "a list" would say too little. */
export const NOUNS: WeakMap<z.core.$ZodType, string> = new WeakMap();

interface TextOptions {
  readonly about: string;
  /** A value as it stands in the file, quotes included where YAML needs them. */
  readonly example: string;
  readonly noun?: string;
  /** For editors only; `check` is what decides. */
  readonly pattern?: string;
  readonly check?: (value: string) => Flaw | undefined;
}

/** A text that `check` accepts. */
export function text({ about, example, noun, pattern, check }: TextOptions): z.ZodString {
  const rule = check ?? ((value: string) => filledFlaw(value, example));
  const schema = z.string().check((context) => {
    const flaw = rule(context.value);
    if (flaw !== undefined) {
      const message = `${flaw.rule}: ${flaw.state}`;
      context.issues.push({ code: "custom", input: context.value, message, params: { flaw } });
    }
  });
  const examples = [example.replace(/^"|"$/g, "")];
  return described(schema, about, {
    examples,
    ...(noun === undefined ? {} : { noun }),
    ...(pattern === undefined ? {} : { pattern }),
  });
}

interface Description {
  readonly examples?: readonly unknown[];
  readonly noun?: string;
  readonly pattern?: string;
}

/** `schema` itself with a description; `.meta()` would copy it, which start-up pays for every key. */
export function described<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  { examples, noun, pattern }: Description = {},
): Schema {
  if (noun !== undefined) NOUNS.set(schema, noun);
  z.globalRegistry.add(schema, {
    description,
    ...(examples === undefined ? {} : { examples: [...examples] }),
    ...(pattern === undefined ? {} : { pattern }),
  });
  return schema;
}

/** A Go-style duration. */
export function duration(
  about: string,
  example: string,
  limits: { min?: number; max?: number } = {},
): z.ZodString {
  return text({
    about,
    example,
    noun: "a duration such as 30s",
    pattern: "^(0|((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h))+)$",
    check: (value) => durationFlaw(value, limits),
  });
}

/** A size in bytes: text with a unit, or a plain number. */
export function bytes(
  about: string,
  example: string,
  min: number,
): z.ZodUnion<readonly [z.ZodString, z.ZodInt]> {
  const noun = "a size such as 512Mi";
  const sized = text({
    about: "With a unit: Ki, Mi, Gi count in 1024; K, M, G in 1000",
    example,
    noun,
    pattern: "^\\d+(\\.\\d+)?(Ki|Mi|Gi|K|M|G)?$",
    check: (value) => bytesFlaw(value, min),
  });
  const plain = z.int().check((context) => {
    const flaw = bytesFlaw(String(context.value), min);
    if (flaw !== undefined) {
      const message = `${flaw.rule}: ${flaw.state}`;
      context.issues.push({ code: "custom", input: context.value, message, params: { flaw } });
    }
  });
  return described(z.union([sized, described(plain, "In bytes")]), about, {
    examples: [example],
    noun,
  });
}

/** A whole number from `min` to `max`. */
export function count(
  about: string,
  example: number,
  { min = 0, max = 1_000_000 }: { min?: number; max?: number } = {},
): z.ZodInt {
  return described(z.int().min(min).max(max), about, {
    examples: [example],
    noun: `a whole number from ${min} to ${max}`,
  });
}

/** `true` or `false`. */
export function flag(about: string, example: boolean): z.ZodBoolean {
  return described(z.boolean(), about, { examples: [example] });
}

/** One of a few words. */
export function choice<const Words extends readonly [string, ...string[]]>(
  about: string,
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  return described(z.enum(words), about, { examples: [words[0]] });
}

/** One text, or a list of them. */
export function oneOrMany(
  about: string,
  item: z.ZodString,
): z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]> {
  const examples = z.globalRegistry.get(item)?.["examples"];
  return described(z.union([item, z.array(item)]), about, {
    ...(Array.isArray(examples) ? { examples: [examples] } : {}),
  });
}

/** Keys of the author's choice; their rule is checked where the whole is known. */
export function dictionary<Value extends z.ZodType>(
  about: string,
  value: Value,
  keyPattern?: RegExp,
): z.ZodRecord<z.ZodString, Value> {
  const key = z.string();
  if (keyPattern !== undefined) z.globalRegistry.add(key, { pattern: keyPattern.source });
  return described(z.record(key, value), about);
}
