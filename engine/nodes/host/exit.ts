/** Thrown to unwind a node that called `exit`; its call has been answered already. */
export class NodeExit extends Error {
  override readonly name = "NodeExit";
}

/**
 * Routes `Deno.exit`, and with it `process.exit`, to `onExit`, and hands back the real way out. What
 * ends the process by other means (`process.abort`, a signal to itself) is a crash like any other.
 */
export function captureExit(onExit: (code: number) => never): (code?: number) => never {
  const exit = Deno.exit;
  Object.defineProperty(Deno, "exit", {
    value: (code?: number): never => onExit(code ?? Deno.exitCode),
  });
  return exit;
}
