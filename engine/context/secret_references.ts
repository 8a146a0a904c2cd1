import type { JsonValue } from "../json/mod.ts";
import type { Secrets } from "./context.ts";
import { isCleanJson } from "./redacted_json.ts";
import { MASK } from "./redacting_scan.ts";
import { MIN_SECRET_LENGTH, secretForms } from "./secret_forms.ts";
import { SecretScreen } from "./secret_screen.ts";

/**
 * Values as they are stored: a secret is a reference in them, so that no storage ever holds one.
 *
 * - A string that is a secret is `{"$secret": "service.key"}`; `"as"` beside it names another form than the
 *   value itself, such as `base64`.
 * - A string with secrets inside is `{"$text": ["Bearer ", {"$secret": "service.key"}]}`.
 * - An object of which a key holds a secret, or is one of these three names, is
 *   `{"$object": [[key, value], …]}`.
 */
export interface SecretReferences {
  /** The same object when there is nothing to replace. */
  toStored(value: JsonValue): JsonValue;
  /** What `toStored` was given, as long as the secrets are the same. Any depth. */
  restore(stored: JsonValue): RestoredValue;
}

/** A value with its secrets. */
export interface RestoredValue {
  readonly value: JsonValue;
  /** References whose secret is gone, each once; `***` stands in their place. */
  readonly missing: readonly string[];
}

/** References to every value of `secrets` with at least four characters, in all forms that redaction knows. */
export function createSecretReferences(secrets: Secrets): SecretReferences {
  const forms = new Map<string, Reference>();
  for (const [service, keys] of Object.entries(secrets)) {
    for (const [key, value] of Object.entries(keys)) {
      if (value.length < MIN_SECRET_LENGTH) continue;
      const name = `${service.replace(/[\\.]/g, "\\$&")}.${key}`;
      for (const [text, as] of allForms(value)) {
        if (!forms.has(text)) forms.set(text, { name, as });
      }
    }
  }
  return new References(forms, secrets);
}

interface Reference {
  readonly name: string;
  /** `""` for the value itself. */
  readonly as: string;
}

interface StoredReference {
  readonly $secret: string;
  readonly as?: string;
}

const SECRET = "$secret";
const TEXT = "$text";
const OBJECT = "$object";
const AS_NUMBER = "number";

/** The forms of redaction, and long ones as a whole besides their pieces. */
function* allForms(value: string): Iterable<readonly [text: string, as: string]> {
  yield [value, ""];
  yield* secretForms(value);
}

class References implements SecretReferences {
  readonly #forms: ReadonlyMap<string, Reference>;
  readonly #numbers = new Map<number, Reference>();
  readonly #screen: SecretScreen | undefined;
  readonly #secrets: Secrets;
  #texts: Map<string, string> | undefined;
  readonly #leaves: { isCleanText(text: string): boolean; readonly numbers: ReadonlySet<number> };

  constructor(forms: ReadonlyMap<string, Reference>, secrets: Secrets) {
    this.#forms = forms;
    this.#secrets = secrets;
    this.#screen = forms.size === 0 ? undefined : new SecretScreen(forms.keys(), []);
    for (const [text, { name, as }] of forms) {
      const number = numberOf(text);
      if (number !== undefined && (as === "" || as === "trim")) {
        this.#numbers.set(number, { name, as: AS_NUMBER });
      }
    }
    const isCleanText = (text: string) =>
      !isReserved(text) && (this.#screen === undefined || this.#find(text, 0) === undefined);
    this.#leaves = { isCleanText, numbers: new Set(this.#numbers.keys()) };
  }

  toStored(value: JsonValue): JsonValue {
    return isCleanJson(value, this.#leaves) ? value : copy(value, (next) => this.#store(next));
  }

  restore(stored: JsonValue): RestoredValue {
    if (isCleanJson(stored, PLAIN)) return { value: stored, missing: [] };
    const missing = new Set<string>();
    const value = copy(stored, (next) => this.#restore(next, missing));
    return { value, missing: [...missing] };
  }

  #store(value: JsonValue): Step {
    if (typeof value === "string") return leaf(this.#storeText(value));
    if (typeof value === "number") {
      const reference = this.#numbers.get(value);
      return leaf(reference === undefined ? value : stored(reference));
    }
    if (typeof value !== "object" || value === null) return leaf(value);
    if (Array.isArray(value)) return { kind: "array", items: value };
    const entries = Object.entries(value).filter(([, child]) => child !== undefined);
    if (entries.every(([key]) => this.#leaves.isCleanText(key))) return { kind: "object", entries };
    return {
      kind: "escaped",
      entries: entries.map(([key, child]) => [this.#storeText(key), child]),
    };
  }

  #storeText(text: string): JsonValue {
    const parts: JsonValue[] = [];
    let from = 0;
    for (let match = this.#find(text, 0); match !== undefined; match = this.#find(text, from)) {
      if (match.at > from) parts.push(text.slice(from, match.at));
      parts.push(stored(match.reference));
      from = match.end;
    }
    if (from === 0) return text;
    if (from < text.length) parts.push(text.slice(from));
    return parts.length === 1 ? parts[0] ?? null : { [TEXT]: parts };
  }

  /** The first secret in a text, the longest of those that begin there. */
  #find(
    text: string,
    from: number,
  ): { readonly at: number; readonly end: number; readonly reference: Reference } | undefined {
    const screen = this.#screen;
    if (screen === undefined) return undefined;
    for (let at = screen.next(text, from); at !== -1; at = screen.next(text, at + 1)) {
      for (const literal of screen.bucket(text, at)?.literals ?? []) {
        if (!text.startsWith(literal, at)) continue;
        const reference = this.#forms.get(literal);
        if (reference !== undefined) return { at, end: at + literal.length, reference };
      }
    }
    return undefined;
  }

  #restore(value: JsonValue, missing: Set<string>): Step {
    if (typeof value !== "object" || value === null) return leaf(value);
    if (Array.isArray(value)) return { kind: "array", items: value };
    const object = value as { readonly [key: string]: JsonValue };
    if (isReference(object)) return leaf(this.#restoreReference(object, missing));
    const escaped = object[OBJECT];
    if (Array.isArray(escaped)) {
      return {
        kind: "object",
        entries: escaped.flatMap((entry: JsonValue) =>
          Array.isArray(entry)
            ? [[this.#restoreText(entry[0] ?? "", missing), entry[1] ?? null]]
            : []
        ),
      };
    }
    if (Array.isArray(object[TEXT])) return leaf(this.#restoreText(object, missing));
    return { kind: "object", entries: Object.entries(object) };
  }

  #restoreText(stored: JsonValue, missing: Set<string>): string {
    if (typeof stored === "string") return stored;
    if (typeof stored !== "object" || stored === null || Array.isArray(stored)) return MASK;
    const object = stored as { readonly [key: string]: JsonValue };
    if (isReference(object)) return String(this.#restoreReference(object, missing));
    const parts = object[TEXT];
    if (!Array.isArray(parts)) return MASK;
    return parts.map((part: JsonValue) => this.#restoreText(part, missing)).join("");
  }

  #restoreReference(reference: StoredReference, missing: Set<string>): string | number {
    const { $secret: name, as = "" } = reference;
    const text = this.#textsByName().get(`${name}\n${as === AS_NUMBER ? "" : as}`);
    if (text === undefined) {
      missing.add(name);
      return MASK;
    }
    return as === AS_NUMBER ? Number(text) : text;
  }

  /** Built when a run is taken up again, which most engines never do. */
  #textsByName(): ReadonlyMap<string, string> {
    if (this.#texts !== undefined) return this.#texts;
    const texts = this.#texts = new Map<string, string>();
    for (const [service, keys] of Object.entries(this.#secrets)) {
      for (const [key, value] of Object.entries(keys)) {
        const name = `${service.replace(/[\\.]/g, "\\$&")}.${key}`;
        for (const [text, as] of allForms(value)) {
          if (!texts.has(`${name}\n${as}`)) texts.set(`${name}\n${as}`, text);
        }
      }
    }
    return texts;
  }
}

/** What becomes of one value; its children are taken in turn. */
type Step =
  | { readonly kind: "leaf"; readonly value: JsonValue }
  | { readonly kind: "array"; readonly items: readonly JsonValue[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, JsonValue])[] }
  | { readonly kind: "escaped"; readonly entries: readonly (readonly [JsonValue, JsonValue])[] };

interface Place {
  readonly parent: object;
  readonly key: string;
  readonly value: JsonValue;
}

/** Copies without recursion, which the stack would not bear. */
function copy(value: JsonValue, step: (value: JsonValue) => Step): JsonValue {
  const root: JsonValue[] = [];
  const pending: Place[] = [{ parent: root, key: "0", value }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { parent, key } = next;
    const made = step(next.value);
    const children: Place[] = [];
    // `__proto__` is a key like any other.
    Object.defineProperty(parent, key, {
      value: begin(made, children),
      enumerable: true,
      writable: true,
      configurable: true,
    });
    // Last in, first out: the keys of a copy come in the order of the original.
    for (const child of children.reverse()) pending.push(child);
  }
  return root[0] ?? null;
}

/** The copy of one value, without the children, which are added to `children`. */
function begin(step: Step, children: Place[]): JsonValue {
  switch (step.kind) {
    case "leaf":
      return step.value;
    case "array": {
      const parent: JsonValue[] = [];
      step.items.forEach((value, index) => children.push({ parent, key: String(index), value }));
      return parent;
    }
    case "object": {
      const parent = {};
      for (const [key, value] of step.entries) children.push({ parent, key, value });
      return parent;
    }
    case "escaped": {
      const pairs = step.entries.map(([key, value]) => {
        const parent: JsonValue[] = [key];
        children.push({ parent, key: "1", value });
        return parent;
      });
      return { [OBJECT]: pairs };
    }
  }
}

const PLAIN = { isCleanText: (text: string) => !isReserved(text), numbers: new Set<number>() };

function leaf(value: JsonValue): Step {
  return { kind: "leaf", value };
}

function stored({ name, as }: Reference): JsonValue {
  return as === "" ? { [SECRET]: name } : { [SECRET]: name, as };
}

function isReserved(text: string): boolean {
  return text === SECRET || text === TEXT || text === OBJECT;
}

function isReference(
  object: { readonly [key: string]: JsonValue },
): object is { readonly [key: string]: JsonValue } & StoredReference {
  return typeof object[SECRET] === "string" &&
    (object["as"] === undefined || typeof object["as"] === "string");
}

/** A secret of digits alone may be written as a number. */
function numberOf(value: string): number | undefined {
  const text = value.trim();
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}
