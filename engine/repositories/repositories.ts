import type { Run } from "../workflow/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { NewStoredWorkflow } from "../storage/mod.ts";
import type { Delivery } from "../triggers/mod.ts";
import type { Attachment, Repository } from "./repository.ts";
import type { RepositoryStore } from "./repository_store.ts";

/** What is to be run. Without commit, ref and branch: the newest commit of the repository's branch. */
export interface RunRequest {
  /** Perhaps short. */
  readonly commit?: string | undefined;
  /** `refs/heads/main`, `refs/tags/v1` */
  readonly ref?: string | undefined;
  readonly branch?: string | undefined;
  /** Over what attachments and defaults say. */
  readonly inputs?: JsonObject | undefined;
  /** Only this one of the attached templates. */
  readonly template?: string | undefined;
  /** Starts runs although this commit of this ref was started a short time ago. */
  readonly again?: boolean | undefined;
  /** The same key means the same runs, for a day. */
  readonly key?: string | undefined;
  /** Whose key it is; a webhook's without. */
  readonly keyOf?: string | undefined;
  /** Who asks. */
  readonly user: string;
}

/** What is asked of a new repository. */
export type NewRepository = Pick<
  Repository,
  "name" | "url" | "workflow" | "branch" | "secretFrom"
>;

/** What a version of a template is made of. */
export type TemplateContent = Pick<NewStoredWorkflow, "kind" | "files" | "source">;

/** One run of a push. */
export interface StartedRun {
  readonly run: Run;
  /** In the registry: `repo:shop`, `repo:shop:lint`. */
  readonly workflow: string;
  readonly isNew: boolean;
  /** Why it can only fail; undefined for one that may succeed. */
  readonly problem: string | undefined;
}

/** What became of a wish to run a commit. */
export interface StartedRuns {
  /** The whole name. */
  readonly commit: string;
  readonly ref: string;
  /** The repository's own first. At least one. */
  readonly runs: readonly [StartedRun, ...StartedRun[]];
}

/** What became of a delivery. */
export type ReceivedPush =
  | ({ readonly status: "started" } & StartedRuns)
  | { readonly status: "ignored"; readonly reason: string };

/** Repositories whose commits are run by workflows of theirs and by templates. */
export interface Repositories extends AsyncDisposable {
  readonly store: RepositoryStore;
  /**
   * Adds a repository, or replaces one of its name.
   *
   * @throws {PdError} what is wrong with it; `ALREADY_EXISTS`
   */
  add(repository: NewRepository, replaces?: boolean): Promise<Repository>;
  /** Its runs come to their end, and stay in the storage. False when there is none. */
  remove(name: string): Promise<boolean>;
  /**
   * Stores a version of a template, or makes what is stored under that name one.
   *
   * @throws {PdError} `NOT_FOUND`, `SPEC_NAME`, `PATH_ESCAPE`
   */
  addTemplate(name: string, content?: TemplateContent): Promise<{ readonly version: number }>;
  /** @throws {PdError} `NOT_FOUND` */
  attach(
    attachment: Pick<Attachment, "repository" | "template" | "version" | "inputs">,
  ): Promise<void>;
  detach(repository: string, template: string): Promise<boolean>;
  /**
   * Starts the runs of a commit. A commit that cannot be run starts one that fails and says why.
   *
   * @throws {PdError} `NOT_FOUND`, `GIT_REF_INVALID`, `COMMIT_NOT_FOUND`, `REPOSITORY_UNAVAILABLE` and what keeps any
   *   run from being started
   */
  run(name: string, request: RunRequest): Promise<StartedRuns>;
  /**
   * Takes a push webhook.
   *
   * @throws {PdError} `WEBHOOK_REFUSED`, `WEBHOOK_UNVERIFIED` and what `run` throws
   */
  receive(name: string, delivery: Delivery): Promise<ReceivedPush>;
}

/** The name, and key of runs, that the workflow of a repository, or a template at work for it, has. */
export function lineName(repository: string, template?: string): string {
  return template === undefined ? `repo:${repository}` : `repo:${repository}:${template}`;
}
