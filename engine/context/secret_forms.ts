/** Shorter values are too common to look for. */
export const MIN_SECRET_LENGTH = 4;
/** Shorter lines and shorter values in base64 or hex say too little to be told from other text. */
const MIN_PART_LENGTH = 8;
/** Longer forms are looked for in pieces, which bounds what a stream must hold back. */
const MAX_FORM_LENGTH = 4096;

/** A text and what it is called, such as `base64` or `line2.url`: `""` is the value itself. */
type Named = readonly [name: string, text: string];

/**
 * Every text in which a secret value may turn up: as it is, trimmed, in base64 (standard and URL-safe,
 * with and without padding, at each of the three alignments inside a longer text), URL-encoded, as a form
 * field, JSON-escaped, in hex; line by line; the values inside a JSON value and the password of a URL.
 * None is shorter than four characters. Each text has a name, which stays the same from version to
 * version: stored references to a form are restored by it.
 */
export function secretForms(value: string): ReadonlyMap<string, string> {
  const forms = new Map<string, string>();
  for (const [name, part] of partsOf(value)) {
    addForms(forms, [[name, part], ...encodings(part).map(within(name))]);
  }
  const lines = value.trim().split(/\r\n|\r|\n/);
  for (const [index, line] of lines.length === 1 ? [] : lines.entries()) {
    const text = line.trim();
    if (text.length < MIN_PART_LENGTH) continue;
    const name = `line${index}`;
    addForms(forms, [[name, text], ...escapes(text).map(within(name))]);
  }
  return forms;
}

/** The value and what it is made of. */
function partsOf(value: string): readonly Named[] {
  const parts: Named[] = [["", value], ["trim", value.trim()]];
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#@]+)@/i.exec(value)?.[1];
  if (password !== undefined) {
    parts.push(["password", password], ["password-decoded", decoded(password)]);
  }
  if (/^\s*[[{]/.test(value)) parts.push(...jsonLeaves(value));
  const seen = new Set<string>();
  return parts.filter(([, part]) => {
    const isNew = part.length >= MIN_SECRET_LENGTH && !seen.has(part);
    seen.add(part);
    return isNew;
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The strings inside a JSON text: a node parses a nested secret and prints a part of it. */
function jsonLeaves(text: string): readonly Named[] {
  const leaves: Named[] = [];
  try {
    const pending: unknown[] = [JSON.parse(text)];
    while (pending.length > 0) {
      const next = pending.pop();
      if (typeof next === "string") {
        const name = `leaf${leaves.length / 2}`;
        leaves.push([name, next], [`${name}-trim`, next.trim()]);
      } else if (typeof next === "object" && next !== null) {
        pending.push(...Object.values(next));
      }
    }
  } catch {
    // No JSON after all.
  }
  return leaves;
}

function encodings(text: string): readonly Named[] {
  const bytes = new TextEncoder().encode(text);
  const forms = [...escapes(text)];
  const whole: Named = ["base64", bytes.toBase64()];
  for (
    const [name, base64] of [whole, ...(bytes.length < MIN_PART_LENGTH ? [] : alignments(bytes))]
  ) {
    const bare = base64.replace(/=+$/, "");
    forms.push(
      [name, base64],
      [`${name}-safe`, urlSafe(base64)],
      [`${name}-bare`, bare],
      [`${name}-safe-bare`, urlSafe(bare)],
    );
  }
  if (bytes.length >= MIN_PART_LENGTH) {
    const hex = bytes.toHex();
    forms.push(["hex", hex], ["hex-upper", hex.toUpperCase()]);
  }
  return forms;
}

function urlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

/** What is sure to stand in the base64 of any longer bytes that hold these, at each alignment. */
function alignments(bytes: Uint8Array): readonly Named[] {
  return [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const first = Math.ceil(offset * 8 / 6);
    const text = padded.toBase64().slice(first, Math.floor(padded.length * 8 / 6));
    return [`base64-${offset}`, text];
  });
}

/** The forms that keep plain letters plain: URL, form field, JSON once and twice. */
function escapes(text: string): readonly Named[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const forms: Named[] = [
    ["json", json],
    ["json-ascii", ascii],
    ["json-slash", json.replaceAll("/", "\\/")],
    ["json-twice", JSON.stringify(json).slice(1, -1)],
  ];
  // A lone surrogate has no UTF-8, and `encodeURIComponent` throws on it.
  const sound = text.toWellFormed();
  const component = encodeURIComponent(sound);
  const urls: readonly Named[] = [
    ["url", component],
    ["url-strict", component.replace(/[!'()*]/g, percent)],
    ["form", new URLSearchParams([["", sound]]).toString().slice(1)],
    ["uri", encodeURI(sound)],
  ];
  for (const [name, encoded] of urls) {
    const lower = encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
    forms.push([name, encoded], [`${name}-lower`, lower]);
  }
  return forms;
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}

function within(part: string): (named: Named) => Named {
  return ([name, text]) => [part === "" ? name : `${part}.${name}`, text];
}

/** The first name of a text is the one it keeps. */
function addForms(forms: Map<string, string>, named: readonly Named[]): void {
  for (const [name, text] of named) {
    const isWhole = text.length <= MAX_FORM_LENGTH;
    for (const [piece, part] of pieces(text)) {
      if (!forms.has(part)) forms.set(part, isWhole ? name : `${name}#${piece}`);
    }
  }
}

/** A long form in pieces that touch; the last one reaches back so that it is not too short to look for. */
function* pieces(form: string): Iterable<readonly [index: number, text: string]> {
  if (form.length < MIN_SECRET_LENGTH) return;
  for (let at = 0; at < form.length; at += MAX_FORM_LENGTH) {
    const end = Math.min(at + MAX_FORM_LENGTH, form.length);
    yield [at / MAX_FORM_LENGTH, form.slice(Math.max(0, Math.min(at, end - 64)), end)];
  }
}
