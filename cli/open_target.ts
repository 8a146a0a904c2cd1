import { cacheDir } from "../engine/cache/mod.ts";
import type { ContainerSettings } from "../engine/containers/mod.ts";
import { openWorkflow, type Workflow } from "../engine/workflow/mod.ts";
import { type OpenHttp, openHttp } from "./open_http.ts";
import { openTracing } from "./open_tracing.ts";
import type { TargetRequest } from "./target_request.ts";
import { type TargetStorage, targetStorage } from "./target_storage.ts";
import { findTarget } from "./targets/mod.ts";
import type { Io } from "./terminal/mod.ts";

/** What programs write and how far the workspace has come, as the containers of a workflow tell it. */
export type OutputListener = NonNullable<ContainerSettings["onOutput"]>;
export type WorkspaceListener = NonNullable<ContainerSettings["onProgress"]>;

/** A workflow that is open, its hosts on their way. Disposing it ends them. */
export interface OpenTarget extends AsyncDisposable {
  readonly request: TargetRequest;
  readonly dir: string;
  readonly http: OpenHttp;
  readonly workflow: Workflow;
  /** Hands over what is worth a warning: what came so far, and what comes. */
  onWarning(tell: (message: string) => void): void;
  /** Hands over what programs in containers write, from now on. */
  onOutput(listener: OutputListener): void;
  /** Hands over how far the workspace has come, from now on. */
  onWorkspace(listener: WorkspaceListener): void;
}

/** A target that was found already. */
export interface TargetPlace {
  /** What is opened: a folder, or a `workflow.yaml`. */
  readonly path: string;
  /** The driver that it was stored with. */
  readonly driver: string | undefined;
  /** Whose secrets count, before the global ones; its name. */
  readonly name: string;
  /** The storage that it was found in. It is not closed here. */
  readonly storage: TargetStorage;
}

/**
 * Finds a workflow and opens it.
 *
 * @throws {PdError} `TARGET_NOT_FOUND`, and what opening a workflow throws
 */
export async function openTarget(
  request: TargetRequest,
  { cwd, env }: Pick<Io, "cwd" | "env">,
  place?: TargetPlace,
): Promise<OpenTarget> {
  const { dir, file } = place === undefined
    ? await findTarget(request.target, cwd)
    : { dir: place.path, file: place.path };
  await using opened = new AsyncDisposableStack();
  const storage = place?.storage ?? opened.use(targetStorage(request.storage, { cwd, env }));
  const secretValues = await readSecretValues(request, { cwd, env, pipeline: place?.name });
  const http = opened.use(await openHttp(dir, { ...request, secretValues }));
  const waiting: string[] = [];
  let tell = (message: string): void => void waiting.push(message);
  let output: OutputListener = () => {};
  let workspace: WorkspaceListener = () => {};
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
      containers: {
        driver: request.driver ?? place?.driver,
        workspace: request.workdir
          ? { dir: cwd, include: request.include, ignore: request.ignore }
          : undefined,
        outputDir: request.outputDir,
        onOutput: (chunk) => output(chunk),
        onProgress: (progress) => workspace(progress),
      },
      ...(request.secretsPath === undefined ? {} : { secretsPath: request.secretsPath }),
      ...(secretValues === undefined ? {} : { secretValues }),
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
    onOutput: (listener) => void (output = listener),
    onWorkspace: (listener) => void (workspace = listener),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Secrets that flags give. What reads them is loaded for those who give any. */
async function readSecretValues(
  { secretsBackend, secrets, globalSecrets }: TargetRequest,
  place: Pick<Io, "cwd" | "env"> & { readonly pipeline: string | undefined },
): Promise<{ readonly [key: string]: string } | undefined> {
  if (secretsBackend === undefined && secrets.length === 0 && globalSecrets.length === 0) {
    return undefined;
  }
  const { secretValues }: typeof import("./secret_values.ts") = await import(
    new URL("./secret_values.ts", import.meta.url).href
  );
  return await secretValues(
    { backend: secretsBackend, own: secrets, global: globalSecrets },
    place,
  );
}
