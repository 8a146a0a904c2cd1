import { z } from "zod";
import { mayDo } from "../../auth/mod.ts";
import { CodedError } from "../../errors/mod.ts";
import type { JsonObject } from "../../json/mod.ts";
import { type Attachment, lineName, type Repository } from "../../repositories/mod.ts";
import type { AnyApiRoute, Shown } from "./api_route.ts";
import type { CommitContext } from "./commit_routes.ts";
import { defineRoute } from "./define_route.ts";
import { json, moment } from "./schemas.ts";

const repo = z.string().min(1).max(100).meta({ description: "Name of a repository" });
const templateName = z.string().min(1).max(100).meta({ description: "Name of a template" });

const attachment = z.object({
  template: z.string(),
  track: z.union([z.literal("latest"), z.int().min(1)]).meta({
    description: "The newest version of the moment, or the one that it stays at",
  }),
  inputs: z.record(z.string(), json).meta({
    description: "Texts are templates over repository, commit, ref and branch",
  }),
}).meta({ id: "Attachment" });

const repository = z.object({
  name: z.string(),
  url: z.string(),
  workflow: z.string().nullable().meta({ description: "Its path in the repository" }),
  branch: z.string().meta({ description: "What is run when nobody names a commit" }),
  isVerified: z.boolean().meta({ description: "Whether it has a secret for webhooks" }),
  commit: z.string().nullable().meta({ description: "What was run last" }),
  problem: z.object({ at: moment, message: z.string(), commit: z.string().nullable() }).nullable()
    .meta({ description: "Why the last push started nothing, or a run that could only fail" }),
  attachments: z.array(attachment),
  updatedAt: moment,
}).meta({ id: "Repository" });

/** Managing repositories, and templates at work for them. */
export function repositoryRoutes(context: CommitContext): readonly AnyApiRoute[] {
  const { repositories: { store }, repositories } = context;

  async function shown(found: Repository): Promise<Shown<typeof repository>> {
    return viewOf(found, await store.attachments(found.name));
  }

  return [
    defineRoute({
      method: "GET",
      path: "/repos",
      id: "listRepositories",
      tag: "Repositories",
      scope: "read",
      summary: "List repositories",
      answers: {
        200: {
          description: "By name",
          schema: z.object({ repositories: z.array(repository) }),
        },
      },
      async handle({ principal, answer }) {
        const all = (await store.repositories())
          .filter(({ name }) => mayDo(principal, "read", lineName(name)));
        return answer(200, { repositories: await Promise.all(all.map(shown)) });
      },
    }),
    defineRoute({
      method: "POST",
      path: "/repos",
      id: "addRepository",
      tag: "Repositories",
      scope: "admin",
      summary: "Add a repository",
      body: z.strictObject({
        name: z.string().max(100),
        url: z.string().max(2000),
        workflow: z.string().max(500).optional(),
        branch: z.string().max(300).default("main"),
        secretFrom: z.string().max(1000).optional().meta({
          description: "Where the server reads the secret of webhooks: file:/path, env:NAME",
        }),
        replace: z.boolean().default(false).meta({
          description: "In the place of one of its name",
        }),
      }),
      answers: { 201: { description: "Added", schema: repository } },
      async handle({ body: { replace, workflow, secretFrom, ...body }, answer }) {
        const asked = { ...body, workflow, secretFrom };
        return answer(201, await shown(await repositories.add(asked, replace)));
      },
    }),
    defineRoute({
      method: "GET",
      path: "/repos/{repo}",
      id: "showRepository",
      tag: "Repositories",
      scope: "read",
      summary: "Show a repository",
      params: z.strictObject({ repo }),
      answers: { 200: { description: "The repository", schema: repository } },
      async handle({ params, principal, answer }) {
        const found = mayDo(principal, "read", lineName(params.repo))
          ? await store.find(params.repo)
          : undefined;
        if (found === undefined) throw unknown(params.repo);
        return answer(200, await shown(found));
      },
    }),
    defineRoute({
      method: "DELETE",
      path: "/repos/{repo}",
      id: "removeRepository",
      tag: "Repositories",
      scope: "admin",
      summary: "Remove a repository; its runs come to their end, and stay",
      params: z.strictObject({ repo }),
      answers: { 204: { description: "Removed" } },
      async handle({ params, answer }) {
        if (!await repositories.remove(params.repo)) throw unknown(params.repo);
        return answer(204);
      },
    }),
    defineRoute({
      method: "GET",
      path: "/templates",
      id: "listTemplates",
      tag: "Repositories",
      scope: "read",
      summary: "List templates",
      answers: {
        200: {
          description: "By name",
          schema: z.object({
            templates: z.array(z.object({
              name: z.string(),
              version: z.int().nullable().meta({ description: "The newest" }),
              repositories: z.array(z.string()),
            })),
          }),
        },
      },
      async handle({ principal, answer }) {
        const all = await store.attachments();
        const templates = await Promise.all((await store.templates()).map(async ({ name }) => ({
          name,
          version: (await context.registry.storage.getWorkflow(name))?.version ?? null,
          repositories: all.filter(({ template, repository }) =>
            template === name && mayDo(principal, "read", lineName(repository))
          ).map(({ repository }) => repository),
        })));
        return answer(200, { templates });
      },
    }),
    defineRoute({
      method: "PUT",
      path: "/templates/{template}",
      id: "addTemplate",
      tag: "Repositories",
      scope: "admin",
      summary: "Store a version of a template, or make a stored workflow one",
      params: z.strictObject({ template: templateName }),
      body: z.strictObject({
        kind: z.enum(["workflow", "pipeline"]).default("workflow"),
        files: z.record(z.string(), z.string()).optional().meta({
          description: "Path and content of each file; what is stored already without them",
        }),
        source: z.string().max(1000).default("").meta({ description: "Where it is from" }),
      }),
      answers: {
        200: { description: "It may be attached", schema: z.object({ version: z.int() }) },
      },
      async handle({ params: { template }, body: { kind, files, source }, answer }) {
        const { version } = await repositories.addTemplate(
          template,
          files === undefined ? undefined : { kind, files, source },
        );
        return answer(200, { version });
      },
    }),
    defineRoute({
      method: "PUT",
      path: "/repos/{repo}/templates/{template}",
      id: "attachTemplate",
      tag: "Repositories",
      scope: "admin",
      summary: "Attach a template, or change how it is",
      params: z.strictObject({ repo, template: templateName }),
      body: z.strictObject({
        version: z.int().min(1).optional().meta({ description: "Where it stays; else the newest" }),
        inputs: z.record(z.string(), json).default({}),
      }),
      answers: { 204: { description: "Every push runs it from now on" } },
      async handle({ params, body: { version, inputs }, answer }) {
        await repositories.attach({
          repository: params.repo,
          template: params.template,
          version,
          inputs: inputs as JsonObject,
        });
        return answer(204);
      },
    }),
    defineRoute({
      method: "DELETE",
      path: "/repos/{repo}/templates/{template}",
      id: "detachTemplate",
      tag: "Repositories",
      scope: "admin",
      summary: "Detach a template; its runs come to their end, and stay",
      params: z.strictObject({ repo, template: templateName }),
      answers: { 204: { description: "Detached" } },
      async handle({ params, answer }) {
        if (!await repositories.detach(params.repo, params.template)) {
          throw unknown(params.template, "attached template");
        }
        return answer(204);
      },
    }),
  ];
}

function viewOf(
  { name, url, workflow, branch, secretFrom, commit, problem, updatedAt }: Repository,
  attachments: readonly Attachment[],
): Shown<typeof repository> {
  return {
    name,
    url,
    workflow: workflow ?? null,
    branch,
    isVerified: secretFrom !== undefined,
    commit: commit ?? null,
    problem: problem === undefined ? null : { ...problem, commit: problem.commit ?? null },
    attachments: attachments.map(({ template, version, inputs }) => ({
      template,
      track: version ?? ("latest" as const),
      inputs,
    })),
    updatedAt,
  };
}

function unknown(name: string, what = "repository"): CodedError {
  return new CodedError("NOT_FOUND", `Cannot find "${name}" as a ${what}: there is none`, {
    fix: "GET /api/v1/repos lists those that are",
  });
}
