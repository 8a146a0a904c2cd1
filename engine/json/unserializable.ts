/** A value inside an output that JSON cannot carry. */
export interface Unserializable {
  /** `output.items[3].fn`, with its middle left out when it is very long. */
  readonly path: string;
  /** What stands there, with its article: `a function`. */
  readonly what: string;
  readonly fix: string;
}

/** Built-ins that `JSON.stringify` would turn into `{}` or a bag of indexes, and what to return instead. */
const LOSSY: ReadonlyMap<string, readonly [what: string, fix: string]> = new Map([
  ["Map", ["a Map", "Return Object.fromEntries(map)"]],
  ["Set", ["a Set", "Return [...set]"]],
  ["WeakMap", ["a WeakMap", "Return a plain object"]],
  ["WeakSet", ["a WeakSet", "Return an array"]],
  ["WeakRef", ["a WeakRef", "Return ref.deref()"]],
  ["Promise", ["a Promise", "Add await before it"]],
  ["RegExp", ["a RegExp", "Return regexp.source"]],
  ["Error", ["an Error", "Throw it, or return error.message"]],
  ["ArrayBuffer", ["an ArrayBuffer", "Return new Uint8Array(buffer).toBase64()"]],
  ["SharedArrayBuffer", ["a SharedArrayBuffer", "Return [...new Uint8Array(buffer)]"]],
  ["DataView", ["a DataView", "Return the numbers in a list"]],
  ["Generator", ["a generator", "Return [...generator]"]],
  ["AsyncGenerator", ["an async generator", "Return await Array.fromAsync(generator)"]],
  ["Response", ["a Response", "Return await response.json()"]],
  ["Request", ["a Request", "Return request.url"]],
  ["Headers", ["Headers", "Return Object.fromEntries(headers)"]],
  ["FormData", ["FormData", "Return Object.fromEntries(form)"]],
  ["URLSearchParams", ["URLSearchParams", "Return Object.fromEntries(params)"]],
  ["Blob", ["a Blob", "Return await blob.text()"]],
  ["File", ["a File", "Return await file.text()"]],
  ["ReadableStream", ["a ReadableStream", "Return await new Response(stream).text()"]],
  ["Symbol", ["a symbol", "Return symbol.description"]],
]);

const BYTES_FIX = "Return [...bytes], or bytes.toBase64()";

/**
 * Whether `value`, which `JSON.stringify` has accepted, holds something that it dropped or disfigured.
 * Iterative: nesting is bounded by memory alone.
 */
export function hasUnserializable(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return true;
  if (typeof value !== "object" || value === null) return false;
  const open: object[] = [value];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (Array.isArray(holder)) {
      for (let i = 0; i < holder.length; i++) {
        const member: unknown = holder[i];
        if (typeof member === "object") {
          if (member !== null) open.push(member);
        } else if (typeof member === "function" || typeof member === "symbol") return true;
      }
      continue;
    }
    const prototype: unknown = Object.getPrototypeOf(holder);
    const plain = prototype === Object.prototype || prototype === null;
    if (!plain && lossy(holder) !== undefined) return true;
    if (hasToJson(holder)) {
      const replaced: unknown = holder.toJSON("");
      if (typeof replaced === "function" || typeof replaced === "symbol") return true;
      // A fresh object with the same method would never end; JSON.stringify takes it as it is.
      if (typeof replaced === "object" && replaced !== null && !hasToJson(replaced)) {
        open.push(replaced);
      }
      continue;
    }
    const record = holder as Record<string, unknown>;
    for (const key in record) {
      if (!plain && !Object.hasOwn(record, key)) continue;
      const member = record[key];
      if (typeof member === "object") {
        if (member !== null) open.push(member);
      } else if (typeof member === "function" || typeof member === "symbol") return true;
    }
  }
  return false;
}

interface Frame {
  readonly holder: object;
  readonly path: string;
  readonly keys: readonly (string | number)[];
  next: number;
}

/** Finds the first thing in `value` that JSON cannot carry, in the order of its text. */
export function findUnserializable(value: unknown): Unserializable | undefined {
  const ancestors = new Map<object, string>();
  const frames: Frame[] = [];
  // Leaves are answered at once; holders wait in `frames` with the member to look at next.
  function enter(member: unknown, path: string): Unserializable | undefined {
    const found = judge(member, path);
    if (found !== undefined || typeof member !== "object" || member === null) return found;
    const holder = hasToJson(member) ? member.toJSON("") : member;
    if (holder !== member) {
      const replaced = judge(holder, path);
      if (replaced !== undefined || typeof holder !== "object" || holder === null) return replaced;
      if (hasToJson(holder)) return undefined;
    }
    const seenAt = ancestors.get(holder);
    if (seenAt !== undefined) {
      return {
        path: shortenedPath(path),
        what: `a cycle: it is ${shortenedPath(seenAt)} again`,
        fix: `Leave ${shortenedPath(path)} out, or return an id in its place`,
      };
    }
    ancestors.set(holder, path);
    const keys = Array.isArray(holder) ? [...holder.keys()] : Object.keys(holder);
    frames.push({ holder, path, keys, next: 0 });
    return undefined;
  }
  try {
    const found = enter(value, "output");
    if (found !== undefined) return found;
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const key = frame.keys[frame.next++];
      if (key === undefined) {
        ancestors.delete(frame.holder);
        frames.pop();
        continue;
      }
      const member: unknown = Reflect.get(frame.holder, key);
      const inner = enter(member, pathTo(frame.path, key));
      if (inner !== undefined) return inner;
    }
  } catch {
    // A getter or toJSON of the node threw; the caller has that error already.
  }
  return undefined;
}

function judge(member: unknown, at: string): Unserializable | undefined {
  switch (typeof member) {
    case "bigint": {
      const path = shortenedPath(at);
      return { path, what: "a BigInt", fix: `Return String(${path}), or Number(${path})` };
    }
    case "function": {
      const path = shortenedPath(at);
      return { path, what: "a function", fix: `Leave ${path} out, or return what it computes` };
    }
    case "symbol": {
      const path = shortenedPath(at);
      return { path, what: "a symbol", fix: `Return ${path}.description` };
    }
    case "object": {
      const found = member === null ? undefined : lossy(member);
      return found && { path: shortenedPath(at), what: found[0], fix: found[1] };
    }
    default:
      return undefined;
  }
}

/** What a built-in is called that JSON would disfigure; `undefined` for everything else. */
function lossy(value: object): readonly [what: string, fix: string] | undefined {
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || hasToJson(value)) return undefined;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return [`bytes or numbers in a ${value.constructor.name}`, BYTES_FIX];
  }
  const tag = value instanceof Error ? "Error" : Object.prototype.toString.call(value).slice(8, -1);
  if (tag.endsWith(" Iterator")) return ["an iterator", "Return [...iterator]"];
  return LOSSY.get(tag);
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/** A path that a person can still read. */
function shortenedPath(path: string): string {
  return path.length <= 200 ? path : `${path.slice(0, 100)} … ${path.slice(-80)}`;
}

function pathTo(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}
