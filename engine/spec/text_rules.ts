/** The rules for single texts of workflow.yaml: each answers what is wrong with one, or `undefined`. */
import { formatBytes, formatDuration, parseBytes, parseDuration } from "../units/mod.ts";
import { type Fix, type Flaw, quoted } from "./problem.ts";

/** The longest wait that a timer can hold: 2^31 - 1 ms, a little under 25 days. */
export const MAX_TIMER_MS = 2_147_483_647;

/** Whether `text` may name a node: the first rule of the file's names. */
export const NODE_ID: RegExp = /^[a-z0-9][a-z0-9_-]{0,62}$/;
export const WORKFLOW_NAME: RegExp = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
export const INPUT_NAME: RegExp = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;
export const SERVICE_NAME: RegExp = /^[a-z0-9-]{1,63}$/;
export const ENV_NAME: RegExp = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const VERSION: RegExp =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?)?$/;

export function workflowNameFlaw(text: string): Flaw | undefined {
  if (text.length <= 63 && WORKFLOW_NAME.test(text)) return undefined;
  const state = text.length > 63 ? `${quoted(text)} has ${text.length}` : quoted(text);
  const rule = text.length > 63
    ? "a name has at most 63 characters"
    : "a name is kebab-case: lower-case letters, digits and single hyphens, a letter first";
  return { code: "SPEC_NAME", rule, state, fix: { write: kebab(text, 63) || "my-workflow" } };
}

/** `text` as a name that the rules allow, at most `length` characters; empty when nothing is left. */
export function kebab(text: string, length: number): string {
  const words = text.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase().split(/[^a-z0-9]+/);
  return words.join("-").replace(/^[^a-z]+/, "").slice(0, length).replace(/-+$/, "");
}

export function versionFlaw(text: string): Flaw | undefined {
  if (VERSION.test(text)) return undefined;
  const plain = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(text.trim());
  const numbers = plain?.slice(1).filter((part) => part !== undefined).map(Number) ?? [1, 0];
  if (numbers.length === 1) numbers.push(0);
  return value("a version is X.Y or a semantic version", quoted(text), {
    write: `"${numbers.join(".")}"`,
  });
}

/** A duration from `min` to `max` milliseconds. */
export function durationFlaw(
  text: string,
  { min = 0, max = MAX_TIMER_MS }: { min?: number; max?: number } = {},
): Flaw | undefined {
  const ms = parseDuration(text);
  const code = "SPEC_DURATION";
  if (ms === undefined) {
    return {
      code,
      rule: "a duration is numbers with units (ms, s, m, h)",
      state: text === "" ? "it is empty" : quoted(text),
      fix: { write: nearestDuration(text) },
    };
  }
  if (ms < min || max < ms) {
    const bound = formatDuration(ms < min ? min : max);
    const rule = `it must be at ${ms < min ? "least" : "most"} ${bound}`;
    return {
      code,
      rule,
      state: quoted(text),
      fix: { write: ms < min && min < 1000 ? "1s" : bound },
    };
  }
  return undefined;
}

/** What a duration in everyday spelling was meant to be: `30` → `30s`, `2 days` → `48h`. */
function nearestDuration(text: string): string {
  const match =
    /^(\d+(?:\.\d+)?)\s*(|ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)$/i
      .exec(text.trim());
  if (match === null) return "30s";
  const [, number = "30", unit = ""] = match;
  const letter = unit.toLowerCase();
  if (letter.startsWith("w")) return `${Number(number) * 168}h`;
  if (letter.startsWith("d")) return `${Number(number) * 24}h`;
  if (letter.startsWith("ms") || letter.startsWith("milli")) return `${number}ms`;
  return `${number}${letter === "" ? "s" : letter[0]}`;
}

export function bytesFlaw(text: string, min: number): Flaw | undefined {
  const bytes = parseBytes(text);
  if (bytes !== undefined && bytes >= min) return undefined;
  if (bytes !== undefined) {
    return value(`it must be at least ${formatBytes(min)}`, quoted(text), {
      write: text.match(/^\d+$/) && Number(text) >= 32 ? `${text}Mi` : formatBytes(min),
    });
  }
  const match = /^(\d+(?:\.\d+)?)\s*([KMG])i?B?$/i.exec(text.trim());
  return value("a size is a number with Ki, Mi, Gi, K, M or G", quoted(text), {
    write: match === null ? "512Mi" : `${match[1]}${match[2]?.toUpperCase()}i`,
  });
}

export function cpuFlaw(text: string): Flaw | undefined {
  if (/^\d+(\.\d+)?$|^[1-9]\d*m$/.test(text) && Number.parseFloat(text) > 0) return undefined;
  return value("CPU is a number of cores", quoted(text), { write: "0.5" });
}

/** Cores of `0.5` or `500m`. */
export function parseCpu(text: string): number {
  return text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text);
}

export function urlFlaw(
  text: string,
  protocols: readonly string[],
  example: string,
): Flaw | undefined {
  const url = URL.parse(text);
  const names = protocols.map((protocol) => `${protocol}://`).join(" or ");
  if (url === null || !protocols.includes(url.protocol.slice(0, -1)) || url.hostname === "") {
    const bare = /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[^\s?#@]*)?$/i.test(text);
    return value(
      `it must be an absolute URL with ${names}`,
      quoted(url?.password ? "a URL" : text),
      {
        write: bare ? `${protocols[0]}://${text}` : example,
      },
    );
  }
  if (url.username !== "" || url.password !== "") {
    url.username = url.password = "";
    return value("a URL holds no user and password", "they belong to the secrets", {
      write: url.href,
    });
  }
  if (url.search !== "" || url.hash !== "" || /[?#]$/.test(text)) {
    url.search = url.hash = "";
    return value("it must have no query and no fragment", quoted(text), { write: url.href });
  }
  return undefined;
}

/** NATS takes several servers in one text, split by commas. */
export function natsUrlFlaw(text: string): Flaw | undefined {
  for (const server of text.split(",")) {
    const flaw = urlFlaw(server.trim(), ["nats", "tls", "ws", "wss"], "nats://127.0.0.1:4222");
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** A subject of NATS: words between dots; with `wildcards` also `*` for a word and a last `>`. */
export function subjectFlaw(text: string, { wildcards }: { wildcards: boolean }): Flaw | undefined {
  const words = text.split(".");
  const fits = words.every((word, index) =>
    /^[^\s*>\0]+$/.test(word) ||
    (wildcards && (word === "*" || (word === ">" && index === words.length - 1)))
  );
  if (fits && text.length <= 255) return undefined;
  return value(
    wildcards
      ? "a subject is words between dots, with * for one word or a last > for the rest"
      : "a subject here is words between dots without wildcards",
    quoted(text),
    { write: wildcards ? "orders.created" : "orders.dlq" },
  );
}

export function tokenFlaw(text: string): Flaw | undefined {
  if (/^[^\s.*>/\\\0]{1,255}$/.test(text)) return undefined;
  return value("it must be one word without dots, wildcards and slashes", quoted(text), {
    write: kebab(text, 63) || "orders",
  });
}

export function webhookPathFlaw(text: string): Flaw | undefined {
  const parts = text.split("/").slice(1);
  if (/^(\/[A-Za-z0-9._~-]+)+$/.test(text) && !parts.includes("..") && !parts.includes(".")) {
    return undefined;
  }
  const words = text.split(/[^A-Za-z0-9_~-]+/).filter((word) => word !== "");
  return value("a path begins with / and has letters, digits, and . _ ~ -", quoted(text), {
    write: `/${words.join("/") || "github"}`,
  });
}

export function secretNameFlaw(text: string): Flaw | undefined {
  if (/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_.-]+)?$/.test(text)) return undefined;
  return value("a secret is named service or service.key", quoted(text), { write: "github.token" });
}

/** A path that one permission flag can carry: a comma would make two of it. */
export function filePathFlaw(text: string): Flaw | undefined {
  if (text !== "" && text === text.trim() && !/[,\0\n\r]/.test(text)) return undefined;
  const paths = text.split(",").map((path) => path.trim()).filter((path) => path !== "");
  return value("one entry names one path, without commas", quoted(text), {
    say: `Write each path as an entry of its own: [${paths.join(", ") || "./data"}]`,
  });
}

export function driverFlaw(text: string): Flaw | undefined {
  if (/^[a-z][a-z0-9-]*([:?]\S*)?$/.test(text)) return undefined;
  return value("a driver is a name, or name://target?key=value", quoted(text), { write: "docker" });
}

export function imageFlaw(text: string): Flaw | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}$/.test(text)) return undefined;
  const bare = text.replace(/^[a-z]+:\/\//, "");
  return value("an image is [registry/]name[:tag][@digest]", quoted(text), {
    write: bare !== text && /^[A-Za-z0-9][\w./:@-]*$/.test(bare)
      ? bare
      : "docker.io/library/alpine:3",
  });
}

export function filledFlaw(text: string, example: string): Flaw | undefined {
  if (text.trim() !== "" && !text.includes("\0")) return undefined;
  return value("it must hold something", text === "" ? "it is empty" : "it is blank", {
    write: example,
  });
}

/** An argument or variable of a process: any text, also an empty one. */
export function argumentFlaw(text: string): Flaw | undefined {
  if (!text.includes("\0")) return undefined;
  return value("it must have no NUL character", "it has one", { say: "Remove \\0 from the text" });
}

function value(rule: string, state: string, fix: Fix): Flaw {
  return { code: "SPEC_VALUE", rule, state, fix };
}
