import { PdError } from "../engine/errors/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import type { Diagnostic } from "../engine/spec/mod.ts";
import { systemFailure } from "./system_failure.ts";
import { type Io, loadColors, Output, wantsColor } from "./terminal/mod.ts";

/** The exit code after Ctrl-C. */
const INTERRUPTED = 130;

/**
 * Prints an error that a command threw, and says what to exit with: 2 for wrong usage, 130 after Ctrl-C,
 * else 1.
 */
export async function reportError(
  error: unknown,
  args: readonly string[],
  io: Io,
): Promise<number> {
  const flag = !args.includes("--no-color") && io.env("PD_NO_COLOR") !== "1";
  const isTerminal = io.stderr.isTerminal;
  const colors = await loadColors(wantsColor({ flag, isTerminal, env: io.env }));
  const out = new Output({
    io,
    format: wantsJson(args, io) ? "json" : "text",
    quiet: false,
    verbose: args.includes("-v") || args.includes("--verbose") || io.env("PD_VERBOSE") === "1",
    colors,
    errorColors: colors,
  });
  if (error instanceof PdError) {
    const { code, message, fix } = error;
    const stack = withCauses(error.stack, error);
    const diagnostics = diagnosticsOf(error);
    if (diagnostics.length === 0) out.error({ code, message, fix, stack });
    else if (out.format === "json") {
      out.error({ code, message, fix, stack }, {
        diagnostics: diagnostics as unknown as JsonValue,
      });
    } else reportDiagnostics(diagnostics, out);
    return code === "USAGE" ? 2 : 1;
  }
  if (error instanceof DOMException && error.name === "AbortError") {
    const how = error.message.includes("SIGINT") ? "Ctrl-C" : error.message;
    out.error({
      code: "RUN_CANCELLED",
      message: `Cannot finish as it was interrupted: ${how}`,
      fix: "run it again",
    });
    return INTERRUPTED;
  }
  const stack = error instanceof Error ? withCauses(error.stack, error) : undefined;
  const refused = systemFailure(error);
  if (refused !== undefined) {
    out.error({ code: "FILE_REFUSED", ...refused, stack });
    return 1;
  }
  const { stripVTControlCharacters } = await import("node:util");
  // The runtime colours some of its messages whether or not they go to a terminal.
  const message = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
  out.error({
    code: "INTERNAL",
    message: `Cannot go on as pd itself failed: ${message}`,
    fix: "run it again with -v, and report what it prints",
    stack,
  });
  return 1;
}

/**
 * Is `-o json` wanted? Reads the raw arguments, as it must be known even when they cannot be parsed.
 */
export function wantsJson(args: readonly string[], io: Io): boolean {
  for (let i = args.length - 1; i >= 0; i--) {
    const arg = args[i] ?? "";
    if (arg === "-o" || arg === "--output") return args[i + 1] === "json";
    if (arg === "-ojson" || arg === "--output=json") return true;
    if (arg === "-otext" || arg === "--output=text") return false;
  }
  return io.env("PD_OUTPUT") === "json";
}

/** The problems that an error carries. Told by its shape, as its class would bring the engine along. */
function diagnosticsOf(error: PdError): readonly Diagnostic[] {
  return "diagnostics" in error && Array.isArray(error.diagnostics) ? error.diagnostics : [];
}

function reportDiagnostics(diagnostics: readonly Diagnostic[], out: Output): void {
  const { red, yellow, bold } = out.errorColors;
  for (const { severity, code, message, fix, file, line, column } of diagnostics) {
    const kind = severity === "error" ? red("error") : yellow("warning");
    out.warn(`${kind} ${file}:${line}:${column} ${bold(code)} ${message}`);
    out.warn(`fix: ${fix}`);
  }
}

function withCauses(stack: string | undefined, error: Error): string | undefined {
  let text = stack;
  let cause = error.cause;
  for (let depth = 0; cause instanceof Error && depth < 5; depth++) {
    text = `${text ?? ""}\ncaused by ${cause.stack ?? cause.message}`;
    cause = cause.cause;
  }
  return text;
}
