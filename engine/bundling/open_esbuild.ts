import childProcess, { type ChildProcess } from "node:child_process";

/** The bundler, for as long as it is held. */
export interface Esbuild extends AsyncDisposable {
  readonly esbuild: typeof import("esbuild");
}

let holders = 0;
/** The bundler's process, the newest one. */
let service: { readonly child: ChildProcess; readonly gone: Promise<void> } | undefined;
let isWatched = false;

/**
 * Loads the bundler. All who hold it at the same time share its process, which would keep ours from ending: it is
 * stopped when the last one lets go, and then it is gone.
 */
export async function openEsbuild(): Promise<Esbuild> {
  holders++;
  watchProcess();
  const esbuild: typeof import("esbuild") = await import("esbuild");
  return {
    esbuild,
    async [Symbol.asyncDispose]() {
      if (--holders > 0) return;
      // It is let go of while it has nothing to do, and then nobody would be woken by its end.
      service?.child.ref();
      await esbuild.stop();
      await service?.gone;
    },
  };
}

/** The library's `stop` does not wait for its process and shows it to nobody, so it is seen as it starts. */
function watchProcess(): void {
  if (isWatched) return;
  isWatched = true;
  const { spawn } = childProcess;
  childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
    const child = spawn(...args);
    if (Array.isArray(args[1]) && args[1].some((arg) => `${arg}`.startsWith("--service="))) {
      const { promise: gone, resolve } = Promise.withResolvers<void>();
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
      service = { child, gone };
    }
    return child;
  }) as typeof spawn;
}
