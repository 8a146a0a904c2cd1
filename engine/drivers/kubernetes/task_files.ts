import type { CollectedFile, TaskFile, TaskSpec } from "../driver.ts";
import { DriverError } from "../driver_error.ts";
import { runInPod } from "./exec.ts";
import type { KubernetesContext } from "./kubernetes_context.ts";

/** An empty folder of the pod, that everybody may write into. */
export const FILES_PATH = "/.pd";

const PUT = 'umask 022 && cat > "$1"';
/** One byte more than is wanted tells whether there is more. Ends with 9 when it is no regular file. */
const COLLECT = '[ -f "$1" ] && [ ! -L "$1" ] || exit 9; exec head -c "$2" < "$1"';
const NO_FILE = 9;
const GRACE_MS = 1_000;

/** The variables that tell a program where its own files are. */
export function variablesOf(files: TaskSpec["files"] = []): { [name: string]: string } {
  return Object.fromEntries(files.map(({ variable, name }) => [variable, `${FILES_PATH}/${name}`]));
}

/** Puts a task's own files into its pod, before its command starts. */
export async function putFiles(
  context: KubernetesContext,
  podName: string,
  { files, signal }: { readonly files: readonly TaskFile[]; readonly signal: AbortSignal },
): Promise<void> {
  for (const { name, content } of files) {
    if (!/^[\w.-]{1,64}$/.test(name) || name === "." || name === "..") {
      throw new DriverError(
        "TASK_INVALID",
        `Cannot make the file "${name}" as it is no plain name`,
      );
    }
    if (content === undefined) continue;
    const { code, stderr } = await small(context, podName, {
      command: ["sh", "-c", PUT, "sh", `${FILES_PATH}/${name}`],
      stdin: content,
      signal,
    });
    if (code === 0) continue;
    throw new DriverError("TASK_INVALID", `Cannot make the file "${name}" as ${stderr.trim()}`);
  }
}

/** What a program left in those of its files that are to come back; undefined when none is. */
export async function collectFiles(
  context: KubernetesContext,
  podName: string,
  { files, signal }: { readonly files: readonly TaskFile[]; readonly signal: AbortSignal },
): Promise<{ readonly [name: string]: CollectedFile } | undefined> {
  const wanted = files.filter(({ collectBytes }) => collectBytes !== undefined);
  if (wanted.length === 0) return undefined;
  const found = await Promise.all(wanted.map(async ({ name, collectBytes = 0 }) => {
    const { code, stdout } = await small(context, podName, {
      command: ["sh", "-c", COLLECT, "sh", `${FILES_PATH}/${name}`, `${collectBytes + 1}`],
      signal,
    });
    if (code === NO_FILE) return [];
    const file: CollectedFile = {
      bytes: stdout.slice(0, collectBytes),
      isTruncated: stdout.length > collectBytes,
    };
    return [[name, file] as const];
  }));
  return Object.fromEntries(found.flat());
}

async function small(
  context: KubernetesContext,
  podName: string,
  run: {
    readonly command: readonly string[];
    readonly stdin?: Uint8Array;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly code: number; readonly stdout: Uint8Array; readonly stderr: string }> {
  const out: Uint8Array<ArrayBuffer>[] = [];
  const err = new TextDecoder();
  let stderr = "";
  const { code } = await runInPod(context, {
    podName,
    command: run.command,
    env: {},
    workDir: undefined,
    graceMs: GRACE_MS,
  }, {
    ...run.stdin === undefined ? {} : { stdin: ReadableStream.from([run.stdin]) },
    signal: run.signal,
    onStdout: (bytes) => void out.push(new Uint8Array(bytes)),
    onStderr: (bytes) => void (stderr += err.decode(bytes, { stream: true })),
  });
  return { code, stdout: await new Blob(out).bytes(), stderr };
}
