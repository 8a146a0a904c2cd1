import { isMap, type Value, Variables } from "./variables.ts";

/** A value as Go prints it: `3`, `true`, `[a b]`, `map[k:v]`, `<no value>`. Whole numbers have no exponent. */
export function formatValue(value: Value): string {
  return value === null || value === undefined ? "<no value>" : nested(value);
}

function nested(value: Value): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(nested).join(" ")}]`;
  if (!isMap(value)) return "";
  return `map[${entriesOf(value).map(([key, each]) => `${key}:${nested(each)}`).join(" ")}]`;
}

/** The entries of a map, by key. */
export function entriesOf(
  map: Variables | { readonly [key: string]: Value },
): readonly (readonly [string, Value])[] {
  const keys = map instanceof Variables ? map.keys() : Object.keys(map);
  return [...keys].sort().map((key) => [key, map instanceof Variables ? map.get(key) : map[key]]);
}

/** `%v` of a number: the shortest digits that tell it from others, with an exponent as `strconv` has it. */
export function formatNumber(value: number): string {
  if (Object.is(value, -0)) return "0";
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const [mantissa = "", power = ""] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return plainNumber(value);
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
}

function plainNumber(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : text;
}
