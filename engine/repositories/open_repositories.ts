import { createHash } from "node:crypto";
import { addTemplate } from "./add_template.ts";
import { type Clock, systemClock } from "../clock/mod.ts";
import { CodedError, PdError } from "../errors/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { OpenRegistry } from "../registry/mod.ts";
import { type Delivery, loadWebhookSchemes } from "../triggers/mod.ts";
import type { WorkflowSettings } from "../workflow/mod.ts";
import { branchOf, checkBranch, checkCommit, checkRef } from "./check_revision.ts";
import { checkRepository } from "./check_repository.ts";
import { Checkouts } from "./checkouts.ts";
import { makeFailingFolder } from "./failing_workflow.ts";
import { DEFAULT_MIRROR_LIMITS, Mirror, type MirrorLimits } from "./mirror.ts";
import { readHookSecret } from "./read_hook_secret.ts";
import { readPush } from "./read_push.ts";
import {
  lineName,
  type NewRepository,
  type ReceivedPush,
  type Repositories,
  type RunRequest,
  type StartedRun,
  type StartedRuns,
  type TemplateContent,
} from "./repositories.ts";
import type { Attachment, Repository } from "./repository.ts";
import { RepositoryStore } from "./repository_store.ts";
import { RevisionLine, type StartRevisionOptions } from "./revision_line.ts";
import type { WantedRevision } from "./revision_source.ts";

/** The same commit of the same ref is not run twice within so long, unless it is asked for again. */
const SAME_PUSH_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** How long a start waits for repositories whose mirror is gone. */
const PATIENCE_MS = 10_000;

/** What repositories are opened with. */
export interface OpenRepositoriesOptions {
  readonly registry: OpenRegistry;
  /** Mirrors, checkouts and workspaces go there: `RUNNER_WORKDIR`. Absolute. */
  readonly dir: string;
  /** DSN of containers whose node names none: `RUNNER_CONTAINER_ENGINE`. */
  readonly driver: string | undefined;
  /** What their workflows are opened with besides. */
  readonly settings?: Omit<
    WorkflowSettings,
    "storage" | "workflowKey" | "containers" | "secretsPath"
  >;
  readonly env: (name: string) => string | undefined;
  readonly clock?: Clock;
  readonly limits?: Partial<MirrorLimits>;
  readonly log?: (level: "info" | "warn" | "error", message: string, fields?: JsonObject) => void;
}

/** Opens the repositories of the registry's storage: runs that were left behind go on, each at its commit. */
export async function openRepositories(options: OpenRepositoriesOptions): Promise<Repositories> {
  await Deno.mkdir(options.dir, { recursive: true, mode: 0o700 });
  const repositories = new OpenedRepositories({
    ...options,
    dir: await Deno.realPath(options.dir),
  });
  await repositories.begin();
  return repositories;
}

/** What is kept of a repository while its address stays the same. */
interface Place {
  readonly mirror: Mirror;
  readonly checkouts: Checkouts;
}

class OpenedRepositories implements Repositories {
  readonly store: RepositoryStore;
  readonly #options: OpenRepositoriesOptions;
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();
  readonly #lines = new Map<string, RevisionLine>();
  readonly #work = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(options: OpenRepositoriesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.store = new RepositoryStore(options.registry.storage, () => this.#clock.now());
  }

  /** Registers what was run last, in the background where that takes long: nobody's server makes another wait. */
  async begin(): Promise<void> {
    await makeFailingFolder(this.#failingDir);
    const opening = this.#openAll().finally(() => this.#work.delete(opening));
    this.#work.add(opening);
    const late = Promise.withResolvers<void>();
    const stopTimer = this.#clock.after(PATIENCE_MS, late.resolve);
    await Promise.race([opening, late.promise]).finally(stopTimer);
  }

  /** What cannot be is told, and waits for its next push. */
  async #openAll(): Promise<void> {
    const attachments = await this.store.attachments();
    await Promise.all((await this.store.repositories()).map(async (repository) => {
      const { name, commit, workflow } = repository;
      const mine = attachments.filter((each) => each.repository === name);
      if (commit === undefined && mine.length === 0) return;
      try {
        await this.#place(repository).checkouts.sweep();
        if (commit !== undefined && workflow !== undefined) {
          await this.#line(repository).open({ repository: name, commit, path: workflow });
        }
        for (const { template, last } of mine) {
          if (last === undefined) continue;
          await this.#line(repository, template).open({ repository: name, template, ...last });
        }
      } catch (error) {
        this.#tell("error", error, repository);
      }
    }));
  }

  async add(repository: NewRepository, replaces = false): Promise<Repository> {
    checkRepository(repository);
    const added = { ...repository, commit: undefined, problem: undefined };
    return await this.store.add(added, replaces);
  }

  async remove(name: string): Promise<boolean> {
    const attachments = await this.store.attachments(name);
    for (const { template } of attachments) await this.detach(name, template);
    if (!await this.store.remove(name)) return false;
    await this.#lines.get(lineName(name))?.remove();
    this.#lines.delete(lineName(name));
    this.#places.delete(name);
    return true;
  }

  addTemplate(name: string, content?: TemplateContent): Promise<{ readonly version: number }> {
    return addTemplate(name, content, {
      store: this.store,
      workflows: this.#options.registry.storage,
      now: () => this.#clock.now(),
    });
  }

  async attach(
    attachment: Pick<Attachment, "repository" | "template" | "version" | "inputs">,
  ): Promise<void> {
    const { repository, template, version } = attachment;
    await this.store.get(repository);
    await this.store.checkTemplate(template);
    await this.#versionOf(template, version);
    const before = await this.store.attachment(repository, template);
    await this.store.attach({ ...attachment, last: before?.last });
  }

  async detach(repository: string, template: string): Promise<boolean> {
    const isDetached = await this.store.detach(repository, template);
    const name = lineName(repository, template);
    await this.#lines.get(name)?.remove();
    this.#lines.delete(name);
    return isDetached;
  }

  async run(name: string, request: RunRequest): Promise<StartedRuns> {
    const repository = await this.store.get(name);
    const work = this.#run(repository, request);
    this.#work.add(work);
    try {
      return await work;
    } catch (error) {
      if (!isAsked(error)) await this.#note(repository, error, request.commit);
      throw error;
    } finally {
      this.#work.delete(work);
    }
  }

  async receive(name: string, delivery: Delivery): Promise<ReceivedPush> {
    const repository = await this.store.find(name);
    // Does not say which there are: anybody may ask.
    const { secretFrom } = repository ?? {};
    const secret = await readHookSecret({ name, secretFrom }, this.#options.env);
    const push = readPush(delivery, {
      schemes: await loadWebhookSchemes(),
      secret,
      now: this.#clock.now(),
      onRefusal: (flaw) =>
        this.#options.log?.("warn", `a push webhook was refused: ${flaw}`, { repository: name }),
    });
    if (push.kind === "nothing") return { status: "ignored", reason: push.reason };
    const { ref, commit, user, delivery: key } = push;
    return { status: "started", ...await this.run(name, { ref, commit, user, key }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#work);
  }

  async #run(repository: Repository, request: RunRequest): Promise<StartedRuns> {
    const { name, workflow } = repository;
    const { user, template, inputs, commit: asked } = request;
    const ref = refOf(repository, request);
    if (asked !== undefined) checkCommit(asked);
    const attachments = (await this.store.attachments(name))
      .filter((each) => template === undefined || each.template === template);
    const isOwn = workflow !== undefined && template === undefined;
    if (!isOwn && attachments.length === 0) throw nothingToRun(repository, template);
    const { mirror } = this.#place(repository);
    const commit = await mirror.resolve(asked === undefined ? { ref } : { commit: asked });
    const push = { repository: name, commit, ref, branch: branchOf(ref) ?? "" };
    const trigger: JsonObject = { type: "push", repository: name, commit, ref, user };
    const how = { trigger, push, given: inputs ?? {}, ...idempotencyOf(request, { commit, ref }) };
    // Whoever wants a certain commit does not make it what schedules run.
    const isUsual = ref === `refs/heads/${repository.branch}` &&
      (asked === undefined || request.ref !== undefined);
    const runs: StartedRun[] = [];
    const problems: unknown[] = [];
    if (isOwn) {
      const wanted = { repository: name, commit, path: workflow, isUsual };
      await this.#start(this.#line(repository), { wanted, how, runs, problems });
      if (isUsual || repository.commit === undefined) await this.store.change(name, { commit });
    }
    for (const attachment of attachments) {
      const { template, inputs: attached, last } = attachment;
      const line = this.#line(repository, template);
      const version = await this.#versionOf(template, attachment.version);
      const wanted = { repository: name, commit, template, version, isUsual };
      await this.#start(line, { wanted, how: { ...how, attached }, runs, problems });
      if (isUsual || last === undefined) {
        await this.store.changeAttachment(attachment, { last: { commit, version } });
      }
    }
    const [first, ...more] = runs;
    if (first === undefined) throw problems[0] ?? nothingToRun(repository, template);
    await this.#settle(repository, problems[0], commit);
    return { commit, ref, runs: [first, ...more] };
  }

  /** Starts one of the runs of a push: what keeps it from being started keeps no other one. */
  async #start(
    line: RevisionLine,
    { wanted, how, runs, problems }: {
      readonly wanted: WantedRevision;
      readonly how: StartRevisionOptions;
      readonly runs: StartedRun[];
      readonly problems: unknown[];
    },
  ): Promise<void> {
    try {
      const started = await line.start(wanted, how);
      runs.push({ ...started, workflow: line.name });
      if (started.problem !== undefined) problems.push(new Error(started.problem));
    } catch (error) {
      problems.push(error);
    }
  }

  /** Notes how the last push went, when that is another than before. */
  async #settle(repository: Repository, problem: unknown, commit: string): Promise<void> {
    if (problem !== undefined) await this.#note(repository, problem, commit);
    else if (repository.problem !== undefined) {
      await this.store.change(repository.name, { problem: undefined });
    }
  }

  async #note(repository: Repository, error: unknown, commit: string | undefined): Promise<void> {
    this.#tell("error", error, repository);
    const problem = { at: this.#clock.now(), message: messageOf(error), commit };
    await this.store.change(repository.name, { problem }).catch(() => {});
  }

  #tell(level: "warn" | "error", error: unknown, { name }: Repository): void {
    this.#options.log?.(level, messageOf(error), { repository: name });
  }

  async #versionOf(template: string, version: number | undefined): Promise<number> {
    const stored = await this.#options.registry.storage.getWorkflow(template, version);
    if (stored !== undefined) return stored.version;
    throw new CodedError(
      "NOT_FOUND",
      version === undefined
        ? `Cannot find "${template}" as a stored workflow: there is none`
        : `Cannot find version ${version} of "${template}" as a stored workflow: there is none`,
      { fix: `pd pipelines history ${template}` },
    );
  }

  #line(repository: Repository, template?: string): RevisionLine {
    const name = lineName(repository.name, template);
    const known = this.#lines.get(name);
    // Whoever changes the address gets a mirror of its own.
    const place = this.#place(repository);
    if (known !== undefined) return known;
    const { registry, dir, driver, settings } = this.#options;
    const own = `${dir}/${repository.name}`;
    // Nobody who may push is to have the secrets of other workflows.
    const secretsPath = `${own}/secrets`;
    Deno.mkdirSync(secretsPath, { recursive: true, mode: 0o700 });
    const line = new RevisionLine({
      name,
      place: repository.url,
      registry,
      settings: {
        hosts: "on_demand",
        onWarning: (message) =>
          this.#options.log?.("warn", message, { repository: repository.name }),
        ...settings,
        storage: registry.storage,
        clock: this.#clock,
        secretsPath,
        containers: { dataDir: dir, driver },
      },
      dir: own,
      checkouts: place.checkouts,
      workflows: registry.storage,
      dataDir: dir,
      failingDir: this.#failingDir,
      cacheDir: settings?.cacheDir,
    });
    this.#lines.set(name, line);
    return line;
  }

  #place({ name, url }: Repository): Place {
    const known = this.#places.get(name);
    if (known?.mirror.url === url) return known;
    const { dir, env, limits } = this.#options;
    const mirror = new Mirror({
      dir: `${dir}/${name}/mirrors/${digestOf(url)}.git`,
      url,
      env,
      clock: this.#clock,
      signal: this.#closing.signal,
      limits: { ...DEFAULT_MIRROR_LIMITS, ...limits },
    });
    const checkouts = known?.checkouts ?? new Checkouts(`${dir}/${name}/checkouts`, mirror);
    checkouts.mirror = mirror;
    const place = { mirror, checkouts };
    this.#places.set(name, place);
    return place;
  }

  get #failingDir(): string {
    return `${this.#options.dir}/.failing`;
  }
}

/** Repositories of one name and other addresses have mirrors of their own. */
function digestOf(url: string): string {
  return createHash("sha256").update(url).digest("hex").slice(0, 16);
}

function refOf({ branch: usual }: Repository, { ref, branch }: RunRequest): string {
  if (ref !== undefined) {
    checkRef(ref);
    return ref;
  }
  if (branch !== undefined) checkBranch(branch);
  return `refs/heads/${branch ?? usual}`;
}

function idempotencyOf(
  { key, keyOf, again, commit: asked, ref: askedRef, branch, inputs, template }: RunRequest,
  { commit, ref }: { readonly commit: string; readonly ref: string },
) {
  if (key !== undefined) {
    // One caller's keys are neither another's nor a webhook's, and mean one wish alone.
    const fingerprint = digestOf(JSON.stringify([asked, askedRef, branch, inputs, template]));
    const scope = keyOf === undefined ? "push:delivery" : `push:api:${keyOf}`;
    return { idempotency: { scope, key, ttlMs: DAY_MS, fingerprint } };
  }
  // Who names no commit wants a run now.
  if (again === true || asked === undefined || askedRef === undefined) return {};
  return { idempotency: { scope: "push", key: `${commit} ${ref}`, ttlMs: SAME_PUSH_MS } };
}

/** Errors of whoever asks, who sees them; the repository is well. */
function isAsked(error: unknown): boolean {
  return error instanceof PdError &&
    /^(GIT_REF_INVALID|NOT_FOUND|DRAINING|QUEUE_FULL|BAD_REQUEST|IDEMPOTENCY_CONFLICT)$/
      .test(error.code);
}

function messageOf(error: unknown): string {
  if (error instanceof PdError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function nothingToRun({ name }: Repository, template: string | undefined): CodedError {
  return template === undefined
    ? new CodedError(
      "NOT_FOUND",
      `Cannot run "${name}" as a repository: it has neither a workflow nor an attached template`,
      { fix: `pd repo template attach <template> ${name}` },
    )
    : new CodedError(
      "NOT_FOUND",
      `Cannot run "${template}" for "${name}" as an attached template: it is not attached`,
      { fix: `pd repo template attach ${template} ${name}` },
    );
}
