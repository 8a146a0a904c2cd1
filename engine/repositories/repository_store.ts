import { CodedError } from "../errors/mod.ts";
import type { JsonObject } from "../json/mod.ts";
import type { DocumentStore, StoredDocument } from "../storage/mod.ts";
import type { Attachment, Repository, Template } from "./repository.ts";

/** How often a change is tried again that somebody else was faster with. */
const MAX_TRIES = 20;

type Content<T> = Omit<T, "updatedAt">;

/** Repositories, templates and attachments as documents of a storage. */
export class RepositoryStore {
  readonly #documents: DocumentStore;
  readonly #now: () => number;

  constructor(documents: DocumentStore, now: () => number) {
    this.#documents = documents;
    this.#now = now;
  }

  async repositories(): Promise<readonly Repository[]> {
    return (await this.#documents.listDocuments("repository")).map(toRepository);
  }

  async find(name: string): Promise<Repository | undefined> {
    const found = await this.#documents.getDocument("repository", name);
    return found === undefined ? undefined : toRepository(found);
  }

  /** @throws {CodedError} `NOT_FOUND` */
  async get(name: string): Promise<Repository> {
    const found = await this.find(name);
    if (found !== undefined) return found;
    throw new CodedError("NOT_FOUND", `Cannot find "${name}" as a repository: there is none`, {
      fix: "pd repo list",
    });
  }

  /**
   * Adds one, or in the place of one of its name, which keeps its attachments.
   *
   * @throws {CodedError} `ALREADY_EXISTS`
   */
  async add(repository: Content<Repository>, replaces = false): Promise<Repository> {
    const { name } = repository;
    const known = replaces ? await this.find(name) : undefined;
    if (known !== undefined) {
      await this.change(name, { ...repository, commit: known.commit });
      return await this.get(name);
    }
    const added = await this.#put("repository", name, valueOf(repository), 0);
    if (added !== undefined) return toRepository(added);
    throw new CodedError(
      "ALREADY_EXISTS",
      `Cannot add "${name}" as a repository: there is one of that name`,
      { fix: `pd repo add ${name} --replace …` },
    );
  }

  /** Changes a repository as it is then; nothing when it is gone. */
  change(name: string, change: Partial<Content<Repository>>): Promise<void> {
    return this.#change("repository", name, change);
  }

  /** With its attachments. False when there is none. */
  async remove(name: string): Promise<boolean> {
    for (const { template } of await this.attachments(name)) await this.detach(name, template);
    return await this.#documents.removeDocument("repository", name);
  }

  async templates(): Promise<readonly Template[]> {
    const found = await this.#documents.listDocuments("template");
    return found.map(({ id, updatedAt }) => ({ name: id, updatedAt }));
  }

  async addTemplate(name: string): Promise<void> {
    await this.#put("template", name, { name });
  }

  /** @throws {CodedError} `NOT_FOUND` */
  async checkTemplate(name: string): Promise<void> {
    if (await this.#documents.getDocument("template", name) !== undefined) return;
    throw new CodedError("NOT_FOUND", `Cannot find "${name}" as a template: there is none`, {
      fix: `pd repo template add ${name} path/to/folder`,
    });
  }

  /** Those of one repository, or all. */
  async attachments(repository?: string): Promise<readonly Attachment[]> {
    const all = (await this.#documents.listDocuments("attachment")).map(toAttachment);
    return all.filter((each) => repository === undefined || each.repository === repository);
  }

  async attachment(repository: string, template: string): Promise<Attachment | undefined> {
    const found = await this.#documents.getDocument("attachment", idOf(repository, template));
    return found === undefined ? undefined : toAttachment(found);
  }

  async attach(attachment: Content<Attachment>): Promise<void> {
    const { repository, template } = attachment;
    await this.#put("attachment", idOf(repository, template), valueOf(attachment));
  }

  changeAttachment(
    { repository, template }: Pick<Attachment, "repository" | "template">,
    change: Partial<Content<Attachment>>,
  ): Promise<void> {
    return this.#change("attachment", idOf(repository, template), change);
  }

  /** False when it is not attached. */
  detach(repository: string, template: string): Promise<boolean> {
    return this.#documents.removeDocument("attachment", idOf(repository, template));
  }

  #put(kind: string, id: string, value: JsonObject, expected?: number) {
    return this.#documents.putDocument({ kind, id, value, updatedAt: this.#now() }, expected);
  }

  async #change(kind: string, id: string, change: object): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const found = await this.#documents.getDocument(kind, id);
      if (found === undefined) return;
      const value = valueOf({ ...found.value, ...change });
      if (await this.#put(kind, id, value, found.revision) !== undefined) return;
    }
  }
}

/** Names hold no colon. */
function idOf(repository: string, template: string): string {
  return `${repository}:${template}`;
}

/** As JSON: without what is undefined. */
function valueOf(content: object): JsonObject {
  return JSON.parse(JSON.stringify(content));
}

function toRepository({ id, value, updatedAt }: StoredDocument): Repository {
  const known = value as unknown as Partial<Repository>;
  return {
    name: id,
    url: known.url ?? "",
    workflow: known.workflow,
    branch: known.branch ?? "main",
    secretFrom: known.secretFrom,
    commit: known.commit,
    problem: known.problem ?? undefined,
    updatedAt,
  };
}

function toAttachment({ value, updatedAt }: StoredDocument): Attachment {
  const known = value as unknown as Attachment;
  const { repository, template, version, inputs = {}, last } = known;
  return { repository, template, version, inputs, last, updatedAt };
}
