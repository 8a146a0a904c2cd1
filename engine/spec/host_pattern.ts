import { type Flaw, quoted } from "./problem.ts";

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * What is wrong with `text` as an entry of `permissions.net`, or `undefined`: a host (`api.example.com`,
 * `127.0.0.1`, `[::1]`), optionally with `:port`, or `*` for any. No URL, no wildcard inside a name.
 */
export function hostFlaw(text: string): Flaw | undefined {
  if (text === "*") return undefined;
  const lower = text.toLowerCase();
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(lower) || text.includes("/")) {
    return flaw(
      "it is a host and not a URL",
      quoted(hostOnly(lower) === undefined ? "a URL" : withoutSecrets(text)),
      { write: hostOnly(lower) ?? "api.example.com" },
    );
  }
  if (/[\s,;]/.test(text)) {
    const hosts = text.split(/[\s,;]+/).filter((host) => host !== "");
    return flaw("one entry names one host", `${quoted(text)} looks like several`, {
      say: `Write each host as an entry of its own: net: [${hosts.join(", ")}]`,
    });
  }
  if (text.includes("*")) {
    return flaw('a wildcard is only allowed alone, as "*"', quoted(text), {
      say: "Name each host, or write * to allow any",
    });
  }
  if (text.includes("@")) {
    return flaw("it is a host without user and password", "it holds an @", {
      write: text.slice(text.lastIndexOf("@") + 1) || "api.example.com",
    });
  }
  if (/^[0-9a-f:]+$/.test(lower) && lower.split(":").length > 2) {
    return flaw("an IPv6 address stands in brackets", quoted(text), { write: `"[${lower}]"` });
  }
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(.*))?$/s.exec(lower);
  const [, host = "", port] = match ?? [];
  if (port !== undefined && !isPort(port)) {
    return flaw("a port is a number from 1 to 65535", `${quoted(port)} is not`, {
      write: `${host}:443`,
    });
  }
  if (match !== null && (host.startsWith("[") ? isAddress(host) : isName(host))) return undefined;
  return flaw("it must be a host name or an address", quoted(text), {
    write: /[^\x20-\x7e]/.test(text)
      ? hostOnly(`https://${lower}`) ?? "api.example.com"
      : "api.example.com",
  });
}

function flaw(rule: string, state: string, fix: Flaw["fix"]): Flaw {
  return { code: "SPEC_VALUE", rule, state, fix };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function isName(host: string): boolean {
  if (host.length > 253) return false;
  const labels = host.split(".");
  if (!labels.every((label) => LABEL.test(label))) return false;
  // All digits and dots is an IPv4 address or nothing.
  return !/^[\d.]+$/.test(host) || (labels.length === 4 && labels.every((part) => +part <= 255));
}

function isAddress(host: string): boolean {
  return URL.canParse(`http://${host}/`);
}

function hostOnly(text: string): string | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//.test(text) ? text : `https://${text}`;
  const host = URL.parse(url.replace(/^[a-z][a-z0-9+.-]*:/, "https:"))?.host;
  return host === "" ? undefined : host;
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/]*@/, "//***@");
}
