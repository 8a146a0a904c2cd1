/** The bundler, for as long as it is held. */
export interface Esbuild extends AsyncDisposable {
  readonly esbuild: typeof import("esbuild");
}

let holders = 0;

/**
 * Loads the bundler. All who hold it at the same time share its process, which would keep ours from ending: it is
 * stopped when the last one lets go.
 */
export async function openEsbuild(): Promise<Esbuild> {
  holders++;
  const esbuild: typeof import("esbuild") = await import("esbuild");
  return {
    esbuild,
    async [Symbol.asyncDispose]() {
      if (--holders === 0) await esbuild.stop();
    },
  };
}
