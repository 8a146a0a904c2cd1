import { formatNumber, formatValue } from "./format_value.ts";
import { typeName } from "./parts_of_value.ts";
import type { Value } from "./variables.ts";

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d*))?(.|$)/gsu;
/** Larger widths are mistakes, as in Go. */
const MAX_WIDTH = 1_000_000;

/** Text by a format, as Go's `fmt.Sprintf` makes it. */
export function printf(format: Value, args: readonly Value[]): string {
  if (typeof format !== "string") {
    throw new Error(`wrong type for value; expected string; got ${typeName(format)}`);
  }
  let used = 0;
  const text = format.replaceAll(
    VERB,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (verb === "") return "%!(NOVERB)";
      if (Number(width ?? 0) > MAX_WIDTH) return "%!(BADWIDTH)";
      if (Number(precision ?? 0) > 100) return "%!(BADPREC)";
      if (used >= args.length) return `%!${verb}(MISSING)`;
      const digits = precision === undefined ? undefined : Number(precision);
      return padded(one(verb, args[used++], { flags, digits }), flags, Number(width ?? 0));
    },
  );
  if (used === args.length) return text;
  const extra = args.slice(used).map((value) => `${typeName(value)}=${formatValue(value)}`);
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}

interface Style {
  readonly flags: string;
  readonly digits: number | undefined;
}

function one(verb: string, value: Value, style: Style): string {
  if (verb === "v") return signed(value, value === null ? "<nil>" : formatValue(value), style);
  if (verb === "T") return typeName(value);
  const text = typeof value === "number"
    ? ofNumber(verb, value, style)
    : typeof value === "string"
    ? ofText(verb, value, style)
    : verb === "t" && typeof value === "boolean"
    ? String(value)
    : verb === "s" && Array.isArray(value)
    ? formatValue(value)
    : undefined;
  return text ?? `%!${verb}(${typeName(value)}=${formatValue(value)})`;
}

function ofNumber(verb: string, value: number, style: Style): string | undefined {
  const { digits } = style;
  const magnitude = Math.abs(value);
  const sign = value < 0 ? "-" : "";
  switch (verb) {
    case "f":
    case "F":
      return signed(value, sign + magnitude.toFixed(digits ?? 6), style);
    case "e":
    case "E": {
      const text = sign + magnitude.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
      return signed(value, verb === "e" ? text : text.toUpperCase(), style);
    }
    case "g":
      return signed(
        value,
        digits === undefined ? formatNumber(value) : String(Number(value.toPrecision(digits || 1))),
        style,
      );
  }
  if (!Number.isInteger(value)) return undefined;
  switch (verb) {
    case "d":
      return signed(value, formatNumber(value), style);
    case "x":
      return signed(
        value,
        sign + (style.flags.includes("#") ? "0x" : "") + magnitude.toString(16),
        style,
      );
    case "X":
      return signed(
        value,
        sign + (style.flags.includes("#") ? "0X" : "") + magnitude.toString(16).toUpperCase(),
        style,
      );
    case "o":
      return signed(value, sign + magnitude.toString(8), style);
    case "b":
      return signed(value, sign + magnitude.toString(2), style);
    case "c":
      return value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : "\ufffd";
    default:
      return undefined;
  }
}

function ofText(verb: string, value: string, { digits }: Style): string | undefined {
  const text = digits === undefined ? value : [...value].slice(0, digits).join("");
  switch (verb) {
    case "s":
      return text;
    case "q":
      return JSON.stringify(text);
    case "x":
      return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0"))
        .join("");
    default:
      return undefined;
  }
}

function signed(value: Value, text: string, { flags }: Style): string {
  if (typeof value !== "number" || value < 0) return text;
  return flags.includes("+") ? `+${text}` : flags.includes(" ") ? ` ${text}` : text;
}

function padded(text: string, flags: string, width: number): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missing);
  if (!flags.includes("0")) return " ".repeat(missing) + text;
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  return sign + "0".repeat(missing) + digits;
}
