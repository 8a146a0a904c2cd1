import { type Clock, sleep } from "../../clock/mod.ts";

/** Every process of a step has it in its environment, and what that starts inherits it. */
export const MARKER_VARIABLE = "PD_TASK";

/** A fork bomb is outrun or given up after this many looks. */
const MAX_ROUNDS = 50;

/** Sends a signal to a process group; `false` when there is none any more. */
export function signalGroup(pid: number, signal: Deno.Signal): boolean {
  return signalOne(-pid, signal);
}

/** Sends a signal to every process that carries a marker which begins with `prefix`; answers how many there were. */
export function signalMarked(prefix: string, signal: Deno.Signal, above = 0): number {
  const found = findMarked(prefix, above);
  for (const pid of found) signalOne(pid, signal);
  return found.length;
}

/** Kills what carries a marker until nothing does, and answers how many that were. */
export async function killMarked(prefix: string, clock: Clock, above = 0): Promise<number> {
  const killed = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = findMarked(prefix, above);
    if (found.length === 0) break;
    for (const pid of found) {
      signalOne(pid, "SIGKILL");
      killed.add(pid);
    }
    await sleep(1, clock);
  }
  return killed.size;
}

/**
 * The processes whose environment holds a marker that begins with `prefix`. `above` leaves out those with a
 * lower id: what a step starts has a higher one than the step, until ids begin anew. Without `/proc`, or without
 * the right to read it, there are none: process groups are all that is known then.
 */
export function findMarked(prefix: string, above = 0): number[] {
  if (Deno.build.os !== "linux") return [];
  const marker = `${MARKER_VARIABLE}=${prefix}`;
  const found: number[] = [];
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      const pid = Number(name);
      if (Number.isInteger(pid) && pid > above && pid !== Deno.pid && hasMarker(pid, marker)) {
        found.push(pid);
      }
    }
  } catch {
    // Without the right to list processes there is nothing to find.
  }
  return found;
}

const LATIN1 = new TextDecoder("latin1");

function hasMarker(pid: number, marker: string): boolean {
  try {
    const environ = LATIN1.decode(Deno.readFileSync(`/proc/${pid}/environ`));
    return environ.startsWith(marker) || environ.includes(`\0${marker}`);
  } catch {
    // It is gone, or belongs to somebody else.
    return false;
  }
}

function signalOne(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
