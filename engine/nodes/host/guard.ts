/** How often the guard looks. */
const GUARD_INTERVAL_MS = 50;

/** What the guard writes to stderr before it kills its host for using too much memory. */
export const MEMORY_MARK = "pd-guard: memory";

/**
 * Starts the guard: a Worker that kills this process, busy or not, when the engine is gone or when
 * resident memory passes `memoryBytes`. A process may always signal itself, so it needs no right;
 * and a Worker runs on while the main thread is stuck. It is a `data:` module because the host may not
 * read files outside the workflow folder.
 */
export function startGuard(memoryBytes: number): void {
  const source = `
    const parent = Deno.ppid;
    const die = () => Deno.kill(Deno.pid, "SIGKILL");
    setInterval(() => {
      if (Deno.ppid !== parent) die();
      const { rss } = Deno.memoryUsage();
      if (rss > ${memoryBytes}) {
        try {
          Deno.stderr.writeSync(new TextEncoder().encode("\\n${MEMORY_MARK} " + rss + "\\n"));
        } finally {
          die();
        }
      }
    }, ${GUARD_INTERVAL_MS});
  `;
  new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { type: "module" });
}
