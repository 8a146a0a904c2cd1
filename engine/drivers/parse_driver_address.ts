import { didYouMean } from "../words/mod.ts";
import { DRIVER_NAMES, driverOf, LATER_DRIVERS } from "./catalog.ts";
import type { DriverAddress } from "./driver_address.ts";
import { DriverError } from "./driver_error.ts";

/** The longest name that is repeated in a message. */
const MAX_SHOWN = 40;

/**
 * Reads a driver's DSN: `name[://target][?key=value&…]`, or the older `name:key=value,…`. Targets and values
 * are percent-decoded, a `+` is a `+`. Nothing is loaded or asked by reading.
 *
 * @throws {DriverError} `DRIVER_INVALID`; its message shows no parameter, as those may hold keys
 */
export function parseDriverAddress(text: string): DriverAddress {
  const trimmed = text.trim();
  // deno-lint-ignore no-control-regex -- refusing them is the point
  if (/[\x00-\x1f\x7f]/.test(trimmed)) {
    throw invalid("the driver", "addresses have no control characters: there is one", EXAMPLES);
  }
  const written = /^[^:?]*/.exec(trimmed)?.[0] ?? "";
  const driver = knownDriver(written.toLowerCase());
  const rest = trimmed.slice(written.length);
  const parts = rest.startsWith("://") || rest.startsWith("?") || rest === ""
    ? readUrl(written, rest)
    : readPairs(written, rest.slice(1));
  return { driver, ...parts, text: trimmed };
}

/** An address as it may be shown: without its parameters, which may hold keys. */
export function describeDriverAddress(address: DriverAddress): string {
  const name = /^[^:?]*/.exec(address.text)?.[0] ?? address.driver;
  return address.target === undefined ? name : `${name}://${address.target}`;
}

/**
 * Refuses parameters that a driver does not know.
 *
 * @throws {DriverError} `DRIVER_INVALID` with the nearest of `known`
 */
export function checkDriverParams(address: DriverAddress, known: readonly string[]): void {
  for (const key of Object.keys(address.params)) {
    if (known.includes(key)) continue;
    const near = didYouMean(key, known);
    const all = known.length === 0 ? "none" : known.join(", ");
    throw invalid(
      `driver "${describeDriverAddress(address)}"`,
      `it has no parameter of that name: ${key.slice(0, MAX_SHOWN)}`,
      near === undefined ? `Parameters of ${address.driver}: ${all}` : `${near}=…`,
    );
  }
}

const EXAMPLES = "--driver docker, --driver native, or --driver k8s://context?namespace=name";

function knownDriver(name: string): string {
  if (name === "") throw invalid("the driver", "an address begins with a name: none", EXAMPLES);
  const shown = `driver "${name.slice(0, MAX_SHOWN)}"`;
  if (LATER_DRIVERS.includes(name)) {
    throw invalid(shown, "it is not part of this version", `--driver ${DRIVER_NAMES.join("|")}`);
  }
  const driver = driverOf(name);
  if (driver !== undefined) return driver;
  const near = didYouMean(name, DRIVER_NAMES);
  throw invalid(
    shown,
    `drivers are ${DRIVER_NAMES.join(", ")}: there is none of that name`,
    near === undefined ? EXAMPLES : `--driver ${near}`,
  );
}

type Parts = Pick<DriverAddress, "target" | "params">;

function readUrl(name: string, rest: string): Parts {
  const [before = "", query] = splitAt(rest, "?");
  const target = decode(name, before.startsWith("://") ? before.slice(3) : "");
  return { target: target === "" ? undefined : target, params: readParams(name, query, "&") };
}

function readPairs(name: string, rest: string): Parts {
  if (!rest.includes("=")) {
    const state = rest === "" ? "nothing follows the colon" : "what follows the colon is no pair";
    const fix = rest.startsWith("/") ? `${name}://${rest}` : `${name}, or ${name}:key=value`;
    throw invalid(`driver "${name}"`, `name:key=value is its older form: ${state}`, fix);
  }
  return { target: undefined, params: readParams(name, rest, ",") };
}

function readParams(name: string, text: string | undefined, separator: string): Parts["params"] {
  const params: Record<string, string> = Object.create(null);
  for (const pair of (text ?? "").split(separator)) {
    if (pair === "") continue;
    const [rawKey = "", rawValue] = splitAt(pair, "=");
    const key = decode(name, rawKey);
    const problem = key === "" || rawValue === undefined
      ? "a parameter is not key=value"
      : key in params
      ? `parameter ${key.slice(0, MAX_SHOWN)} is there twice`
      : undefined;
    if (problem !== undefined) {
      throw invalid(`driver "${name}"`, `it has key=value parameters: ${problem}`, EXAMPLES);
    }
    params[key] = decode(name, rawValue ?? "");
  }
  return { ...params };
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

function decode(name: string, text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw invalid(`driver "${name}"`, "it is percent-encoded: a % stands alone", "Write % as %25");
  }
  if (decoded.includes("\0")) {
    throw invalid(
      `driver "${name}"`,
      "addresses have no control characters: there is %00",
      EXAMPLES,
    );
  }
  return decoded;
}

function invalid(what: string, why: string, fix: string): DriverError {
  return new DriverError("DRIVER_INVALID", `Cannot read ${what} as ${why}`, { fix });
}
