import { CodedError } from "../../engine/errors/mod.ts";
import {
  addTemplate,
  type Attachment,
  checkRepository,
  type Repository,
  RepositoryStore,
} from "../../engine/repositories/mod.ts";
import type { Storage } from "../../engine/storage/mod.ts";
import type { Desk, ShownRepository } from "./desk.ts";

/** Repositories of a storage, which is closed with it. A server over that storage sees what is changed. */
export function localDesk(storage: Storage): Desk {
  const store = new RepositoryStore(storage, Date.now);
  return {
    async list() {
      const attachments = await store.attachments();
      return (await store.repositories()).map((repository) => shown(repository, attachments));
    },
    async show(name) {
      return shown(await store.get(name), await store.attachments(name));
    },
    async add(repository, replaces) {
      checkRepository(repository);
      await store.add({ ...repository, commit: undefined, problem: undefined }, replaces);
    },
    remove: (name) => store.remove(name),
    async templates() {
      const attachments = await store.attachments();
      return await Promise.all((await store.templates()).map(async ({ name }) => ({
        name,
        version: (await storage.getWorkflow(name))?.version ?? null,
        repositories: attachments.filter(({ template }) => template === name)
          .map(({ repository }) => repository),
      })));
    },
    addTemplate: (name, content) =>
      addTemplate(name, content, { store, workflows: storage, now: Date.now }),
    async attach(attachment) {
      const { repository, template, version } = attachment;
      await store.get(repository);
      await store.checkTemplate(template);
      if (await storage.getWorkflow(template, version) === undefined) {
        throw new CodedError(
          "NOT_FOUND",
          `Cannot find version ${version} of "${template}" as a stored workflow: there is none`,
          { fix: `pd repo template attach ${template} ${repository} --track latest` },
        );
      }
      const before = await store.attachment(repository, template);
      await store.attach({ ...attachment, last: before?.last });
    },
    detach: (repository, template) => store.detach(repository, template),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

function shown(repository: Repository, all: readonly Attachment[]): ShownRepository {
  const { name, url, workflow, branch, secretFrom, commit, problem } = repository;
  return {
    name,
    url,
    workflow: workflow ?? null,
    branch,
    isVerified: secretFrom !== undefined,
    commit: commit ?? null,
    problem: problem === undefined ? null : { at: problem.at, message: problem.message },
    attachments: all.filter((attachment) => attachment.repository === name)
      .map(({ template, version, inputs }) => ({ template, track: version ?? "latest", inputs })),
  };
}
