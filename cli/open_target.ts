import { cacheDir } from "../engine/cache/mod.ts";
import { openWorkflow, type Workflow } from "../engine/workflow/mod.ts";
import { type OpenHttp, openHttp } from "./open_http.ts";
import { openTracing } from "./open_tracing.ts";
import { targetStorage } from "./target_storage.ts";
import { findTarget } from "./targets/mod.ts";
import type { Io } from "./terminal/mod.ts";

/** Which workflow to open, and with what. */
export interface TargetRequest {
  readonly target: string;
  readonly secretsPath: string | undefined;
  readonly replay: boolean;
  readonly record: boolean;
  /** Where its runs are kept; the user's own storage when undefined. */
  readonly storage: string | undefined;
}

/** A workflow that is open, its hosts on their way. Disposing it ends them. */
export interface OpenTarget extends AsyncDisposable {
  readonly request: TargetRequest;
  readonly dir: string;
  readonly http: OpenHttp;
  readonly workflow: Workflow;
  /** Hands over what is worth a warning: what came so far, and what comes. */
  onWarning(tell: (message: string) => void): void;
}

/**
 * Finds a workflow and opens it.
 *
 * @throws {PdError} `TARGET_NOT_FOUND`, and what opening a workflow throws
 */
export async function openTarget(
  request: TargetRequest,
  { cwd, env }: Pick<Io, "cwd" | "env">,
): Promise<OpenTarget> {
  const { dir, file } = await findTarget(request.target, cwd);
  await using opened = new AsyncDisposableStack();
  const storage = opened.use(targetStorage(request.storage, { cwd, env }));
  const http = opened.use(await openHttp(dir, request));
  const waiting: string[] = [];
  let tell = (message: string): void => void waiting.push(message);
  const traced = await openTracing(env, (message) => tell(message));
  opened.use(traced?.tracing);
  const workflow = opened.use(
    await openWorkflow({
      dir: file,
      cacheDir: cacheDir(env),
      http: http.mode,
      storage: () => storage.open(),
      tracing: traced?.ofNodes,
      onWarning: (message) => tell(message),
      ...(request.secretsPath === undefined ? {} : { secretsPath: request.secretsPath }),
    }),
  );
  traced?.observe(workflow);
  const kept = opened.move();
  return {
    request,
    dir,
    http,
    workflow,
    onWarning(listener) {
      tell = listener;
      for (const message of waiting.splice(0)) listener(message);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Does an open workflow serve a request? */
export function isSameRequest(a: TargetRequest, b: TargetRequest): boolean {
  return a.target === b.target && a.secretsPath === b.secretsPath && a.replay === b.replay &&
    a.record === b.record && a.storage === b.storage;
}
