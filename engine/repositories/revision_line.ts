import { CodedError, PdError } from "../errors/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { OpenRegistry, RegisteredWorkflow } from "../registry/mod.ts";
import { formatDiagnostic } from "../spec/mod.ts";
import {
  InputInvalidError,
  openWorkflow,
  type Run,
  type StartOptions,
  WorkflowInvalidError,
  type WorkflowSettings,
} from "../workflow/mod.ts";
import { expandInputs, type ExpandInputsOptions } from "./expand_inputs.ts";
import {
  RevisionSource,
  type RevisionSourceOptions,
  type WantedRevision,
} from "./revision_source.ts";

/** What a line is made of. */
export interface RevisionLineOptions extends Omit<RevisionSourceOptions, "kept"> {
  /** In the registry, and the key of its runs: `repo:shop`, `repo:shop:lint`. */
  readonly name: string;
  /** Address of the repository, for people. */
  readonly place: string;
  readonly registry: OpenRegistry;
  readonly settings: WorkflowSettings;
}

/** How a run of a revision is started. */
export interface StartRevisionOptions extends ExpandInputsOptions {
  readonly trigger: JsonObject;
  readonly idempotency?: StartOptions["idempotency"];
}

/** A run that was started, or found. */
export interface StartedRevision {
  readonly run: Run;
  readonly isNew: boolean;
  /** Why it can only fail. */
  readonly problem: string | undefined;
}

/** Errors that somebody else than the commit is to blame for: nothing is started then. */
const PASSING: ReadonlySet<string> = new Set([
  "DRAINING",
  "QUEUE_FULL",
  "STORAGE_UNAVAILABLE",
  "IDEMPOTENCY_CONFLICT",
  "RUN_GONE",
  "ALREADY_EXISTS",
  "REPOSITORY_UNAVAILABLE",
  "TOOL_MISSING",
  "SECRETS_INVALID",
]);

/** The workflow of a repository, or a template at work for it, in the registry: one revision after another. */
export class RevisionLine {
  readonly #options: RevisionLineOptions;
  #source: RevisionSource | undefined;
  #loaded = "";
  /** What schedules, and runs that name no commit, begin with. */
  #usual: WantedRevision | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: RevisionLineOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Registers a revision, so that runs of before go on; one that cannot be read stands for itself. */
  open(wanted: WantedRevision): Promise<void> {
    return this.#alone(async () => {
      this.#usual = wanted;
      await this.#loadOrFail(wanted);
    });
  }

  /**
   * Starts a run of a revision. One that cannot be read, or does not take its input, starts a run that fails and
   * says why.
   *
   * @throws {PdError} what keeps any run from being started
   */
  start(wanted: WantedRevision, options: StartRevisionOptions): Promise<StartedRevision> {
    return this.#alone(async () => {
      if (wanted.isUsual !== false) this.#usual = wanted;
      try {
        return await this.#start(wanted, options);
      } finally {
        await this.#restore();
      }
    });
  }

  /** Takes it out of the registry; its runs come to their end. */
  remove(): Promise<void> {
    return this.#alone(async () => {
      await this.#options.registry.remove(this.name);
    });
  }

  async #start(
    wanted: WantedRevision,
    options: StartRevisionOptions,
  ): Promise<StartedRevision> {
    const loaded = await this.#loadOrFail(wanted);
    if (loaded.problem !== undefined) return await accept(loaded, {}, options);
    try {
      return await accept(
        loaded,
        expandInputs(loaded.entry.workflow.current.spec, options),
        options,
      );
    } catch (error) {
      if (isPassing(error)) throw error;
      const problem = this.#describe(error, wanted);
      const entry = await this.#load({ ...wanted, problem });
      return await accept({ entry, problem }, {}, options);
    }
  }

  /** After a commit that is run once: what is usual is there again. */
  async #restore(): Promise<void> {
    const usual = this.#usual;
    if (usual === undefined || this.#source === undefined) return;
    const { commit, version } = this.#source.wanted;
    if (commit === usual.commit && version === usual.version) return;
    await this.#loadOrFail(usual).catch(() => {});
  }

  async #loadOrFail(wanted: WantedRevision): Promise<Loaded> {
    try {
      return { entry: await this.#load(wanted), problem: undefined };
    } catch (error) {
      if (isPassing(error)) throw error;
      const problem = this.#describe(error, wanted);
      return { entry: await this.#load({ ...wanted, problem }), problem };
    }
  }

  /** Files as the repository names them: whoever pushes need not know where the server keeps them. */
  #describe(error: unknown, { commit }: WantedRevision): string {
    return describe(error).replaceAll(`${this.#options.dir}/checkouts/${commit}/`, "");
  }

  async #load(wanted: WantedRevision): Promise<RegisteredWorkflow> {
    const { registry, name, place, settings } = this.#options;
    const stamp = JSON.stringify(wanted);
    const known = registry.get(name);
    if (known !== undefined && stamp === this.#loaded) return known;
    const source = this.#source ??= new RevisionSource(wanted, {
      ...this.#options,
      kept: () => registry.get(name)?.workflow.current.spec.config,
    });
    const before = source.wanted;
    source.wanted = wanted;
    try {
      const entry = await registry.add({
        id: name,
        name,
        origin: { kind: "repository", place },
        stamp,
        open: () => openWorkflow({ ...settings, source, workflowKey: name }),
      });
      this.#loaded = stamp;
      return entry;
    } catch (error) {
      // A reload for another reason reads what is there still.
      if (known !== undefined) source.wanted = before;
      this.#loaded = "";
      throw error;
    }
  }

  /** One after another: a run begins with what was loaded for it. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }
}

interface Loaded {
  readonly entry: RegisteredWorkflow;
  readonly problem: string | undefined;
}

async function accept(
  { entry, problem }: Loaded,
  input: JsonObject,
  { trigger, idempotency }: StartRevisionOptions,
): Promise<StartedRevision> {
  const { run, isNew } = await entry.workflow.accept(input, {
    trigger,
    ...idempotency === undefined ? {} : { idempotency },
  });
  return { run, isNew, problem };
}

function isPassing(error: unknown): boolean {
  return !(error instanceof PdError) || PASSING.has(error.code);
}

/** All that is wrong, in lines. */
function describe(error: unknown): string {
  if (error instanceof WorkflowInvalidError) {
    const lines = error.diagnostics.filter(({ severity }) => severity === "error")
      .map((diagnostic) => formatDiagnostic(diagnostic));
    return [`${error.code}: the workflow of this commit has mistakes`, ...lines].join("\n");
  }
  if (error instanceof InputInvalidError) {
    return [`${error.code}: ${error.message}`, ...error.problems.map(({ message }) => message)]
      .join("\n");
  }
  return error instanceof CodedError || error instanceof PdError
    ? `${error.code}: ${error.message}`
    : String(error);
}
