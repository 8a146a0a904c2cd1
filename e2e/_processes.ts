/** Pids of the processes whose parent is `pid`, as the kernel lists them (Linux). */
export async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (Number(parent) === pid) children.push(Number(name));
  }
  return children;
}

/** Whether a process of that id runs; one that has ended and waits to be reaped does not. */
export async function runs(pid: number): Promise<boolean> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return status !== "" && !/^State:\s*[ZX]/m.test(status);
}

/** Resolves once none of them runs; how many milliseconds that took. Rejects after `limitMs`. */
export async function untilGone(pids: readonly number[], limitMs: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const left: number[] = [];
    for (const pid of pids) if (await runs(pid)) left.push(pid);
    const tookMs = performance.now() - startedAt;
    if (left.length === 0) return tookMs;
    if (tookMs > limitMs) {
      throw new Error(`Processes ${left.join(", ")} still run after ${limitMs} ms`);
    }
  }
}
