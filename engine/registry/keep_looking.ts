import type { Clock } from "../clock/mod.ts";
import { isWrittenByNodes } from "../workflow/mod.ts";
import type { Registry } from "./registry.ts";
import { TreeWatch } from "./tree_watch.ts";

/** When a registry looks again. */
export interface KeepLookingOptions {
  /** Folder whose files are watched; none are without it. */
  readonly path: string | undefined;
  /** Whether a file below `path` is one of pipelines. */
  isPipelines(path: string): boolean;
  /** Files and folders besides. */
  readonly also: readonly string[];
  /** How often it looks without a sign of a change. */
  readonly pollIntervalMs: number | undefined;
  readonly clock: Clock;
  onWarning(message: string): void;
}

/** Makes a registry look at its sources when files change, and from time to time, until disposed. */
export async function keepLooking(
  registry: Registry,
  options: KeepLookingOptions,
): Promise<AsyncDisposable> {
  const { path, also, clock, pollIntervalMs, onWarning } = options;
  await using opened = new AsyncDisposableStack();
  if (pollIntervalMs !== undefined) opened.defer(poll(registry, { clock, pollIntervalMs }));
  if (path !== undefined) {
    opened.use(
      await TreeWatch.open({
        path,
        also,
        clock,
        concerns: (changed) => concerns(changed, registry, options),
        onChange: () => registry.reload(),
        onWarning,
      }),
    );
  }
  return opened.move();
}

function poll(
  registry: Registry,
  { clock, pollIntervalMs }: { readonly clock: Clock; readonly pollIntervalMs: number },
): () => void {
  let isOver = false;
  let disarm = (): void => {};
  function arm(): void {
    if (isOver) return;
    disarm = clock.after(pollIntervalMs, () => void registry.reload().then(arm));
  }
  arm();
  return () => {
    isOver = true;
    disarm();
  };
}

/** Whether a file is one that workflows are made of: what their nodes and scripts write all the time is none. */
function concerns(path: string, registry: Registry, options: KeepLookingOptions): boolean {
  if (/\/workflow\.ya?ml$/.test(path) || options.isPipelines(path)) return true;
  if (options.also.some((place) => isWithin(path, place))) return true;
  return registry.list().some(({ origin, workflow }) =>
    origin.kind === "folder" && isWithin(path, origin.place) &&
    !isWrittenByNodes(workflow.current.spec, { dir: origin.place, path })
  );
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
