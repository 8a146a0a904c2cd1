/**
 * Takes away `localStorage` and `caches`: the runtime keeps what they store on disk, beyond the run and
 * without asking for a right to write. A Worker of a node still has `caches`, for hosts of equal rights.
 */
export function closeStorage(): void {
  for (const name of ["localStorage", "caches"]) Reflect.deleteProperty(globalThis, name);
}
