/**
 * A name of this machine as pids are understood: several machines may use one daemon, and a container that was
 * given the daemon's socket has pids of its own. It outlives a restart, as what was left before that must be
 * found after it. Not a secret, and the same in every process.
 */
export async function machineName(hostName: string): Promise<string> {
  const id = await Deno.readTextFile("/etc/machine-id").catch(() => "");
  const namespace = await Deno.readLink("/proc/self/ns/pid").catch(() => "");
  if (namespace !== "" && namespace !== INITIAL_NAMESPACE) return `${hostName}/${namespace}`;
  return id.trim() === "" ? hostName : id.trim();
}

/** The kernel's own number for the first namespace of pids (`PROC_PID_INIT_INO`). */
const INITIAL_NAMESPACE = "pid:[4026531836]";
