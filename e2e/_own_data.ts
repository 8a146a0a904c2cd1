/**
 * Lets every `pd` that this test file starts keep its runs in a folder of the file's own, which is gone when
 * the file is done: the runs of whoever tests are none of its business.
 */
export function useOwnData(): void {
  const dir = Deno.makeTempDirSync({ prefix: "pd-data-" });
  Deno.env.set("PD_DATA_DIR", dir);
  globalThis.addEventListener("unload", () => {
    // The environment is that of the next file as well.
    Deno.env.delete("PD_DATA_DIR");
    Deno.removeSync(dir, { recursive: true });
  });
}
