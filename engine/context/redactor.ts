import { ERROR_CODES } from "../errors/mod.ts";
import type { ErrorRecord, ExecutionResult, LogLine, RunEventBody } from "../executor/mod.ts";
import type { JsonValue } from "../json/mod.ts";
import type { Secrets } from "./context.ts";
import { type LeafRedaction, redactJson } from "./redacted_json.ts";
import { redactText, startOfText } from "./redacting_scan.ts";
import { createRedactingStream, type RedactingStream } from "./redacting_stream.ts";
import { MIN_SECRET_LENGTH, secretForms } from "./secret_forms.ts";
import { SecretScreen } from "./secret_screen.ts";
import { tokenShapes } from "./token_shapes.ts";
import type { HttpExchange } from "./transport.ts";

/**
 * Replaces secrets by `***` in whatever leaves the engine. Values come back as they are, the same object,
 * when nothing was found in them.
 */
export interface Redactor {
  text(text: string): string;
  /** Strings, keys and numbers at any depth. */
  value(value: JsonValue): JsonValue;
  /** Text that comes in chunks. */
  stream(): RedactingStream;
  line(line: LogLine): LogLine;
  error(error: ErrorRecord): ErrorRecord;
  /** What a run event carries; its kind, node and numbers stay. */
  event<E extends RunEventBody>(event: E): E;
  /** Outputs and errors of a result; its nodes, states and times stay. */
  result(result: ExecutionResult): ExecutionResult;
  exchange(exchange: HttpExchange): HttpExchange;
}

/**
 * A redactor for every value of `secrets` with at least four characters, in plain, base64, URL-encoded,
 * JSON-escaped and hex form, and for well-known shapes of tokens (GitHub, GitLab, AWS, Slack, Stripe, JWT,
 * private keys in PEM). Create it once per set of secrets: it takes about a millisecond and 120 KB. Workflows one
 * after another that have the same secrets, or none, share one.
 */
export function createRedactor(secrets: Secrets): Redactor {
  const values = Object.values(secrets).flatMap((keys) => Object.values(keys))
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
  if (values.length === 0) return withoutSecrets ??= makeRedactor(values);
  const key = JSON.stringify(values);
  if (last?.key !== key) last = { key, redactor: makeRedactor(values) };
  return last.redactor;
}

let withoutSecrets: Redactor | undefined;
let last: { readonly key: string; readonly redactor: Redactor } | undefined;

function makeRedactor(values: readonly string[]): Redactor {
  const forms = new Set(values.flatMap((value) => [...secretForms(value).keys()]));
  return new SecretRedactor(new SecretScreen(forms, tokenShapes()), numbersIn(values));
}

/** A secret of digits alone may be written as a number. */
function numbersIn(values: readonly string[]): ReadonlySet<number> {
  return new Set(
    values.map((value) => value.trim()).filter((value) => /^-?\d+(?:\.\d+)?$/.test(value)).map(
      Number,
    ),
  );
}

const ENGINE_CODES: ReadonlySet<string> = new Set(ERROR_CODES);

class SecretRedactor implements Redactor {
  readonly #screen: SecretScreen;
  readonly #leaves: LeafRedaction;

  constructor(screen: SecretScreen, numbers: ReadonlySet<number>) {
    this.#screen = screen;
    const text = (text: string) => this.text(text);
    const isCleanText = (text: string) => screen.next(text, 0) === -1 || this.text(text) === text;
    this.#leaves = { text, isCleanText, numbers };
  }

  text(text: string): string {
    const from = this.#screen.next(text, 0);
    return from === -1
      ? text
      : redactText(this.#screen, text, startOfText(), { isFinal: true, from });
  }

  value(value: JsonValue): JsonValue {
    return redactJson(value, this.#leaves);
  }

  stream(): RedactingStream {
    return createRedactingStream(this.#screen);
  }

  line(line: LogLine): LogLine {
    const message = this.text(line.message);
    const fields = line.fields === undefined ? undefined : this.value(line.fields);
    if (message === line.message && fields === line.fields) return line;
    return fields === undefined ? { ...line, message } : { ...line, message, fields };
  }

  error(error: ErrorRecord): ErrorRecord {
    // The engine's codes stay whatever a secret is; a node's own errors may have any.
    const code = ENGINE_CODES.has(error.code) ? error.code : this.text(error.code);
    const message = this.text(error.message);
    const fix = error.fix === undefined ? undefined : this.text(error.fix);
    const stack = error.stack === undefined ? undefined : this.text(error.stack);
    const isClean = code === error.code && message === error.message && fix === error.fix &&
      stack === error.stack;
    if (isClean) return error;
    return {
      code,
      message,
      ...(fix === undefined ? {} : { fix }),
      ...(stack === undefined ? {} : { stack }),
      ...(error.exitCode === undefined ? {} : { exitCode: error.exitCode }),
    };
  }

  event<E extends RunEventBody>(event: E): E {
    const body: RunEventBody = event;
    switch (body.kind) {
      case "run.started": {
        const input = this.value(body.input);
        const trigger = this.value(body.trigger);
        return input === body.input && trigger === body.trigger
          ? event
          : { ...event, input, trigger };
      }
      case "node.succeeded": {
        const output = this.value(body.output);
        return output === body.output ? event : { ...event, output };
      }
      case "task.completed": {
        const task = this.text(body.task);
        const name = this.text(body.name);
        const answer = this.value(body.answer);
        return task === body.task && name === body.name && answer === body.answer
          ? event
          : { ...event, task, name, answer };
      }
      case "node.retrying":
      case "node.lost":
      case "node.failed":
      case "run.failed":
      case "run.cancelled": {
        const error = this.error(body.error);
        return error === body.error ? event : { ...event, error };
      }
      case "log": {
        const line = this.line(body);
        return line === body ? event : { ...event, ...line };
      }
      default:
        return event;
    }
  }

  result(result: ExecutionResult): ExecutionResult {
    return {
      ...result,
      outputs: mapValues(result.outputs, (output) => this.value(output)),
      errors: mapValues(result.errors, (error) => this.text(error)),
    };
  }

  exchange(exchange: HttpExchange): HttpExchange {
    const { requestBody, headers, body } = exchange;
    return {
      ...exchange,
      url: this.text(exchange.url),
      requestBody: requestBody && this.#body(requestBody),
      headers: mapValues(headers, (value) => this.text(value)),
      body: this.#body(body),
    };
  }

  #body(body: HttpExchange["body"]): HttpExchange["body"] {
    return "text" in body ? { text: this.text(body.text) } : { base64: this.text(body.base64) };
  }
}

function mapValues<T>(
  values: { readonly [key: string]: T },
  change: (value: T) => T,
): { readonly [key: string]: T } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
