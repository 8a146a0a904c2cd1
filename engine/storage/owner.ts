import type { Owner } from "./records.ts";

let current: Owner | undefined;

/** This process as an owner of runs. The same object each time. */
export function currentOwner(): Owner {
  return current ??= {
    id: crypto.randomUUID(),
    host: hostName(),
    pid: Deno.pid,
    startedAt: startOf(Deno.pid) ?? 0,
  };
}

/**
 * Whether the process of an owner still runs on this machine: its pid exists, and started when it says. The
 * name of the host does not count, as laptops change theirs with the network. An owner from another machine
 * or from a container that was replaced is not alive.
 */
export function isOwnerAlive(owner: Owner): Promise<boolean> {
  if (owner.pid === Deno.pid) return Promise.resolve(owner.startedAt === currentOwner().startedAt);
  const startedAt = startOf(owner.pid);
  return Promise.resolve(
    startedAt === undefined ? false : startedAt === 0 || startedAt === owner.startedAt,
  );
}

/** A number that no other process of that pid has: `undefined` without such a process, 0 when nothing can be known. */
function startOf(pid: number): number | undefined {
  try {
    return startInProc(pid);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && Deno.build.os === "linux") return undefined;
    return startByPs(pid);
  }
}

/** Ticks since the boot, and which boot that was. */
function startInProc(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The program's name is in parentheses and may hold any of them; the 22nd field is the 20th behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended; it only waits for its parent to look.
  if (fields[0] === "Z" || fields[0] === "X") throw new Deno.errors.NotFound();
  const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id");
  return parseInt(boot.slice(0, 5), 16) * 2 ** 33 + Number(fields[19]) % 2 ** 33;
}

function startByPs(pid: number): number | undefined {
  try {
    const { code, stdout } = new Deno.Command("ps", {
      args: ["-o", "lstart=", "-p", String(pid)],
      env: { LC_ALL: "C", TZ: "UTC" },
      stderr: "null",
    }).outputSync();
    if (code !== 0) return undefined;
    const at = Date.parse(`${new TextDecoder().decode(stdout).trim()} UTC`);
    return Number.isNaN(at) ? 0 : at;
  } catch {
    return 0;
  }
}

function hostName(): string {
  try {
    return Deno.hostname();
  } catch {
    return "localhost";
  }
}
