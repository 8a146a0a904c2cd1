/** Shorter values are too common to look for. */
export const MIN_SECRET_LENGTH = 4;
/** Shorter lines and shorter values in base64 or hex say too little to be told from other text. */
const MIN_PART_LENGTH = 8;
/** Longer forms are looked for in pieces, which bounds what a stream must hold back. */
const MAX_FORM_LENGTH = 4096;

/**
 * Every text in which a secret value may turn up: as it is, trimmed, in base64 (standard and URL-safe,
 * with and without padding, at each of the three alignments inside a longer text), URL-encoded, as a form
 * field, JSON-escaped, in hex; line by line; the values inside a JSON value and the password of a URL.
 * None is shorter than four characters.
 */
export function secretForms(value: string): ReadonlySet<string> {
  const forms = new Set<string>();
  for (const part of partsOf(value)) {
    for (const form of [part, ...encodings(part)]) addPieces(forms, form);
  }
  const lines = value.trim().split(/\r\n|\r|\n/);
  for (const line of lines.length === 1 ? [] : lines) {
    const text = line.trim();
    if (text.length < MIN_PART_LENGTH) continue;
    for (const form of [text, ...escapes(text)]) addPieces(forms, form);
  }
  return forms;
}

/** The value and what it is made of. */
function partsOf(value: string): ReadonlySet<string> {
  const parts = new Set([value, value.trim()]);
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:([^/?#@]+)@/i.exec(value)?.[1];
  if (password !== undefined) parts.add(password).add(decoded(password));
  if (/^\s*[[{]/.test(value)) { for (const leaf of jsonLeaves(value)) parts.add(leaf); }
  return new Set([...parts].filter((part) => part.length >= MIN_SECRET_LENGTH));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The strings inside a JSON text: a node parses a nested secret and prints a part of it. */
function jsonLeaves(text: string): readonly string[] {
  const leaves: string[] = [];
  try {
    const pending: unknown[] = [JSON.parse(text)];
    while (pending.length > 0) {
      const next = pending.pop();
      if (typeof next === "string") leaves.push(next, next.trim());
      else if (typeof next === "object" && next !== null) pending.push(...Object.values(next));
    }
  } catch {
    // No JSON after all.
  }
  return leaves;
}

function encodings(text: string): readonly string[] {
  const bytes = new TextEncoder().encode(text);
  const forms = [...escapes(text)];
  const whole = bytes.toBase64();
  for (const base64 of [whole, ...(bytes.length < MIN_PART_LENGTH ? [] : alignments(bytes))]) {
    const bare = base64.replace(/=+$/, "");
    for (const form of [base64, bare]) {
      forms.push(form, form.replaceAll("+", "-").replaceAll("/", "_"));
    }
  }
  if (bytes.length >= MIN_PART_LENGTH) {
    const hex = bytes.toHex();
    forms.push(hex, hex.toUpperCase());
  }
  return forms;
}

/** What is sure to stand in the base64 of any longer bytes that hold these, at each alignment. */
function alignments(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const first = Math.ceil(offset * 8 / 6);
    return padded.toBase64().slice(first, Math.floor(padded.length * 8 / 6));
  });
}

/** The forms that keep plain letters plain: URL, form field, JSON once and twice. */
function escapes(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const forms = [json, ascii, json.replaceAll("/", "\\/"), JSON.stringify(json).slice(1, -1)];
  // A lone surrogate has no UTF-8, and `encodeURIComponent` throws on it.
  const sound = text.toWellFormed();
  const component = encodeURIComponent(sound);
  for (
    const encoded of [
      component,
      component.replace(/[!'()*]/g, percent),
      new URLSearchParams([["", sound]]).toString().slice(1),
      encodeURI(sound),
    ]
  ) {
    forms.push(encoded, encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()));
  }
  return forms;
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** A long form in pieces that touch; the last one reaches back so that it is not too short to look for. */
function addPieces(forms: Set<string>, form: string): void {
  if (form.length < MIN_SECRET_LENGTH) return;
  for (let at = 0; at < form.length; at += MAX_FORM_LENGTH) {
    const end = Math.min(at + MAX_FORM_LENGTH, form.length);
    forms.add(form.slice(Math.max(0, Math.min(at, end - 64)), end));
  }
}
