import assert from "node:assert/strict";
import { PdError } from "../errors/mod.ts";
import { encodeEntry } from "./encode_entry.ts";
import { BLOCK_BYTES, paddingOf, type TarEntry } from "./tar_entry.ts";

/** A folder for one test. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  /** Makes files with their content, folders (a name with `/` at the end) and links (`-> target`). */
  fill(files: { readonly [name: string]: string }): Promise<void>;
}

/** A new empty folder, gone at the end of the test. */
export async function makeFolder(): Promise<TestFolder> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  return {
    path,
    async fill(files) {
      for (const [name, text] of Object.entries(files)) {
        const file = `${path}/${name}`;
        await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
        if (name.endsWith("/")) continue;
        if (text.startsWith("-> ")) await Deno.symlink(text.slice(3), file);
        else await Deno.writeTextFile(file, text);
      }
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** An archive with these entries, as anybody may have made it; with `end` as a whole one. */
export function archiveOf(
  entries: readonly (Partial<TarEntry> & { readonly content?: string })[],
  { end = true, patch }: {
    readonly end?: boolean;
    /** Changes the header of the last entry; the checksum is corrected. */
    readonly patch?: (header: Uint8Array) => void;
  } = {},
): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [index, { content = "", ...entry }] of entries.entries()) {
    const bytes = new TextEncoder().encode(content);
    const header = encodeEntry({
      path: "file",
      kind: "file",
      mode: 0o644,
      mtime: 1_700_000_000,
      sizeBytes: bytes.length,
      linkPath: "",
      ...entry,
    });
    if (index === entries.length - 1 && patch !== undefined) {
      patch(header);
      seal(header);
    }
    blocks.push(header, bytes, new Uint8Array(paddingOf(bytes.length)));
  }
  if (end) blocks.push(new Uint8Array(2 * BLOCK_BYTES));
  return concat(blocks);
}

/** Corrects the checksum of a header that was changed. */
export function seal(header: Uint8Array): void {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The bytes as a stream, in pieces of that size. */
export function streamOf(
  bytes: Uint8Array,
  pieceBytes = bytes.length || 1,
): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces());
  function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.slice(at, at + pieceBytes);
  }
}

export async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return concat(await Array.fromAsync(stream));
}

/** What it failed with, which must be one of our errors. */
export async function failureOf(attempt: Promise<unknown>): Promise<PdError> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof PdError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "it did not fail" });
}

/** What GNU tar, BusyBox or another program of the host says. */
export async function runProgram(
  command: readonly [string, ...string[]],
  input: Uint8Array = new Uint8Array(0),
): Promise<Uint8Array> {
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { LC_ALL: "C.UTF-8", TZ: "UTC" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(input).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}

/** Every path below a folder, with its kind, mode, time and content: equal trees give equal lists. */
export async function listTree(dir: string, path = ""): Promise<string[]> {
  const lines: string[] = [];
  const names = (await Array.fromAsync(Deno.readDir(`${dir}/${path}`))).map(({ name }) => name);
  for (const name of names.sort()) {
    const at = path === "" ? name : `${path}/${name}`;
    const info = await Deno.lstat(`${dir}/${at}`);
    const mode = ((info.mode ?? 0) & 0o7777).toString(8);
    const time = Math.floor((info.mtime?.getTime() ?? 0) / 1000);
    if (info.isSymlink) lines.push(`${at} -> ${await Deno.readLink(`${dir}/${at}`)}`);
    else if (info.isDirectory) {
      lines.push(`${at}/ ${mode} ${time}`, ...await listTree(dir, at));
    } else {
      const content = await Deno.readFile(`${dir}/${at}`);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
      lines.push(`${at} ${mode} ${time} ${info.size} ${digest.toHex().slice(0, 16)}`);
    }
  }
  return lines;
}
