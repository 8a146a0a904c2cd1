import type { JsonObject } from "../json/mod.ts";

/** A git repository whose commits are run: a document of kind `repository`, its name the id. */
export interface Repository {
  /** Kebab-case, at most 50 characters. */
  readonly name: string;
  /** Where it is fetched from; never with a token or password in it. */
  readonly url: string;
  /** Folder with a `workflow.yaml`, or workflow file, within it; without one only templates are run. */
  readonly workflow: string | undefined;
  /** What is run when nobody names a commit. */
  readonly branch: string;
  /** Where the secret of its webhooks is read from: `file:/path` or `env:NAME`. */
  readonly secretFrom: string | undefined;
  /** The commit that its workflow is at: the one that was started last. */
  readonly commit: string | undefined;
  /** Why the last push started nothing, or a run that could only fail. */
  readonly problem: RepositoryProblem | undefined;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
}

/** What went wrong with a push. */
export interface RepositoryProblem {
  readonly at: number;
  /** `CODE: message` */
  readonly message: string;
  readonly commit: string | undefined;
}

/** A stored workflow that may be attached to repositories: a document of kind `template`. */
export interface Template {
  /** That of the stored workflow. */
  readonly name: string;
  readonly updatedAt: number;
}

/** A template at work for a repository: a document of kind `attachment`. */
export interface Attachment {
  readonly repository: string;
  readonly template: string;
  /** The version it stays at; the newest one of the moment when undefined. */
  readonly version: number | undefined;
  /** Values of the template's inputs. Texts are templates over `repository`, `commit`, `ref` and `branch`. */
  readonly inputs: JsonObject;
  /** The commit that it ran on last, and the version that it had then. */
  readonly last: { readonly commit: string; readonly version: number } | undefined;
  readonly updatedAt: number;
}
