import { CodedError } from "../../engine/errors/mod.ts";
import { refusal } from "./refusal.ts";

/** How a program is called. */
export interface RunOptions {
  readonly env?: { readonly [name: string]: string };
  readonly signal?: AbortSignal | undefined;
  readonly stdin?: ReadableStream<Uint8Array>;
  /** Each line that it writes to stderr, or to stdout beside the result. */
  onLine?(line: string): void;
}

/**
 * Runs a builder of images; what it wrote to stdout.
 *
 * @throws {CodedError} `IMAGE_FAILED` with what it said; `TOOL_MISSING` when it is not there. On abort, the reason.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { signal, stdin } = options;
  signal?.throwIfAborted();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      env: { ...options.env },
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    throw missingProgram([program], cause);
  }
  const stop = () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has just ended.
    }
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const fed = stdin?.pipeTo(child.stdin).catch(() => {});
    const [out, err, status] = await Promise.all([
      gather(child.stdout, options),
      gather(child.stderr, options),
      child.status,
    ]);
    await fed;
    signal?.throwIfAborted();
    if (status.success) return out.trimEnd();
    const name = program.slice(program.lastIndexOf("/") + 1);
    throw refusal({ name, args, output: `${out}\n${err}` });
  } finally {
    // Its streams may be held by a program that it started; it itself must have ended.
    await child.status;
    signal?.removeEventListener("abort", stop);
  }
}

/** @param names The programs that would do. */
export function missingProgram(names: readonly string[], cause?: unknown): CodedError {
  const [name = "docker"] = names;
  return new CodedError(
    "TOOL_MISSING",
    `Cannot build an image as that needs ${names.join(", ")}: ` +
      (names.length === 1 ? "it is not installed" : "none of them is installed"),
    {
      fix: name === "docker"
        ? "apt-get install docker.io, or apt-get install podman and pd build --engine podman"
        : `apt-get install ${name}, or pd build --engine docker`,
      cause,
    },
  );
}

async function gather(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { onLine, signal }: RunOptions,
): Promise<string> {
  let all = "";
  let line = "";
  for await (
    const text of stream.pipeThrough(
      new TextDecoderStream(),
      signal === undefined ? {} : { signal },
    )
  ) {
    all += text;
    const lines = (line + text).split("\n");
    line = lines.pop() ?? "";
    for (const whole of lines) onLine?.(whole);
  }
  if (line !== "") onLine?.(line);
  return all;
}
