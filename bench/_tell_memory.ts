/**
 * Loaded before a server that is measured (`--preload`, with `--v8-flags=--expose-gc`): at SIGUSR2 it collects what
 * nobody holds, and writes what is left to the file that `PD_BENCH_MEMORY` names.
 */
const file = Deno.env.get("PD_BENCH_MEMORY");
const { gc } = globalThis as { gc?: () => void };

if (file !== undefined && gc !== undefined) {
  Deno.addSignalListener("SIGUSR2", () => {
    // Twice: what finalizers let go of goes with the second.
    gc();
    setTimeout(() => {
      gc();
      const { heapUsed, external } = Deno.memoryUsage();
      Deno.writeTextFileSync(`${file}.new`, String(heapUsed + external));
      Deno.renameSync(`${file}.new`, file);
    }, 100);
  });
}
