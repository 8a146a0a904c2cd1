import type { LogLevel } from "../../executor/mod.ts";

/** Takes one line of `console` output. */
export type ConsoleSink = (level: LogLevel, message: string) => void;

/**
 * Replaces the console's printing methods so that `console.log` is `ctx.log.info` and so on. Formatting
 * is the runtime's own `inspect`; `%` placeholders are filled as the console standard says.
 */
export function captureConsole(sink: ConsoleSink): void {
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  let indent = "";

  function print(level: LogLevel, values: readonly unknown[]): void {
    const text = format(values);
    sink(level, indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`));
  }
  function elapsed(label: string): string {
    return `${label}: ${
      (performance.now() - (timers.get(label) ?? performance.now())).toFixed(2)
    }ms`;
  }

  Object.assign(globalThis.console, {
    log: (...values: unknown[]) => print("info", values),
    info: (...values: unknown[]) => print("info", values),
    debug: (...values: unknown[]) => print("debug", values),
    warn: (...values: unknown[]) => print("warn", values),
    error: (...values: unknown[]) => print("error", values),
    dir: (value: unknown) => print("info", [inspect(value)]),
    dirxml: (...values: unknown[]) => print("info", values),
    table: (value: unknown) => print("info", [inspect(value)]),
    trace: (...values: unknown[]) => {
      const stack = new Error().stack?.split("\n").slice(2).join("\n") ?? "";
      print("debug", [`Trace: ${format(values)}\n${stack}`]);
    },
    assert: (condition: unknown, ...values: unknown[]) => {
      if (!condition) {
        print("error", [`Assertion failed${values.length > 0 ? `: ${format(values)}` : ""}`]);
      }
    },
    count: (label = "default") => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      print("info", [`${label}: ${counts.get(label)}`]);
    },
    countReset: (label = "default") => counts.delete(label),
    group: (...values: unknown[]) => {
      if (values.length > 0) print("info", values);
      indent += "  ";
    },
    groupCollapsed: (...values: unknown[]) => {
      if (values.length > 0) print("info", values);
      indent += "  ";
    },
    groupEnd: () => {
      indent = indent.slice(2);
    },
    time: (label = "default") => timers.set(label, performance.now()),
    timeLog: (label = "default", ...values: unknown[]) =>
      print("info", [[elapsed(label), ...values.map(show)].join(" ")]),
    timeEnd: (label = "default") => {
      print("info", [elapsed(label)]);
      timers.delete(label);
    },
    clear: () => {},
  });
}

function format(values: readonly unknown[]): string {
  const [first, ...rest] = values;
  if (typeof first !== "string" || rest.length === 0 || !first.includes("%")) {
    return values.map(show).join(" ");
  }
  const text = first.replace(/%([sdifoOcj%])/g, (whole, kind: string) => {
    if (kind === "%") return "%";
    if (rest.length === 0) return whole;
    const value = rest.shift();
    switch (kind) {
      case "s":
        return show(value);
      case "d":
      case "i":
        return String(kind === "i" ? Math.trunc(Number(value)) : Number(value));
      case "f":
        return String(Number(value));
      case "c":
        return "";
      default:
        return inspect(value);
    }
  });
  return [text, ...rest.map(show)].join(" ");
}

function show(value: unknown): string {
  return typeof value === "string" ? value : inspect(value);
}

function inspect(value: unknown): string {
  return Deno.inspect(value, { colors: false });
}
