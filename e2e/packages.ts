/** Whether a program that a suite needs is there. */
export type PackageState =
  | { readonly status: "ready"; readonly path: string }
  /** `reason` names the package to install. */
  | { readonly status: "missing"; readonly reason: string };

/** What `ensurePackage` asks the machine, so that its own tests need no root and no network. */
export interface Machine {
  readonly isRoot: boolean;
  /** Absolute path of a program on PATH. */
  find(command: string): Promise<string | undefined>;
  /** Runs a program to its end; `output` is what it said. */
  run(command: string, args: readonly string[]): Promise<{ success: boolean; output: string }>;
  /** Keeps every other process that asks for the same lock waiting until `body` is done. */
  locked<T>(body: (note: Note) => Promise<T>): Promise<T>;
  now(): number;
}

/** A number that outlives the process: when the package lists were fetched, in epoch milliseconds. */
export interface Note {
  read(): Promise<number>;
  write(value: number): Promise<void>;
}

/** Package lists older than this are fetched again. */
const LISTS_FRESH_MS = 6 * 60 * 60 * 1000;

/**
 * Makes sure that `command` can be run. On Debian as root it installs `debianPackage` when the program is
 * not there, one process at a time. Anywhere else it says what is missing, once, on stderr, and the suite
 * is skipped:
 *
 * ```ts
 * const chromium = await ensurePackage("chromium", "chromium");
 * Deno.test({
 *   name: "the page shows the run",
 *   ignore: chromium.status === "missing",
 *   fn() {},
 * });
 * ```
 *
 * Never throws for a program that cannot be had.
 */
export async function ensurePackage(
  command: string,
  debianPackage: string,
  machine: Machine = thisMachine,
): Promise<PackageState> {
  const path = await machine.find(command) ?? await install(command, debianPackage, machine);
  if (typeof path === "string") return { status: "ready", path };
  const reason =
    `skipped: "${command}" is not there (Debian package ${debianPackage}): ${path.why}`;
  await Deno.stderr.write(new TextEncoder().encode(`${reason}\n`));
  return { status: "missing", reason };
}

async function install(
  command: string,
  debianPackage: string,
  machine: Machine,
): Promise<string | { readonly why: string }> {
  if (!machine.isRoot) return { why: `to run it, sudo apt-get install ${debianPackage}` };
  const apt = await machine.find("apt-get");
  if (apt === undefined) return { why: "this machine has no apt-get" };
  return await machine.locked(async (note) => {
    const there = await machine.find(command);
    if (there !== undefined) return there;
    const args = ["install", "-y", "-qq", "--no-install-recommends", debianPackage];
    const isFresh = machine.now() - await note.read() <= LISTS_FRESH_MS;
    let installed = isFresh ? await machine.run(apt, args) : undefined;
    if (!installed?.success) {
      const update = await machine.run(apt, ["update", "-qq"]);
      if (!update.success) return { why: `apt-get update failed: ${lastLine(update.output)}` };
      await note.write(machine.now());
      installed = await machine.run(apt, args);
    }
    if (!installed.success) return { why: `apt-get install failed: ${lastLine(installed.output)}` };
    return await machine.find(command) ?? { why: `${debianPackage} holds no program of that name` };
  });
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}

const thisMachine: Machine = {
  isRoot: Deno.uid() === 0,
  now: () => Date.now(),
  async find(command) {
    for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
      const path = `${folder}/${command}`;
      const info = await Deno.stat(path).catch(() => undefined);
      if (info?.isFile && ((info.mode ?? 0) & 0o111) !== 0) return path;
    }
    return undefined;
  },
  async run(command, args) {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    return { success, output: `${decoder.decode(stdout)}${decoder.decode(stderr)}` };
  },
  async locked(body) {
    const path = `${Deno.env.get("TMPDIR") ?? "/tmp"}/pd-e2e-packages.lock`;
    using file = await Deno.open(path, { create: true, read: true, write: true });
    await file.lock(true);
    try {
      return await body({
        read: async () => Number(await Deno.readTextFile(path)) || 0,
        write: (value) => Deno.writeTextFile(path, String(value)),
      });
    } finally {
      await file.unlock();
    }
  },
};
