import { resolve } from "node:path";
import { CodedError } from "../../engine/errors/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { formatAgo, renderTable } from "../terminal/mod.ts";
import type { NewRepository } from "../../engine/repositories/mod.ts";
import type { DeskFlags, ShownRepository } from "./desk.ts";
import { openDesk } from "./open_desk.ts";

/** `pd repo add`: paths are those of this machine, as they stand from here. */
export async function addRepository(
  cli: Cli,
  asked: NewRepository & { readonly replaces: boolean },
  flags: DeskFlags,
): Promise<void> {
  const { replaces, ...given } = asked;
  const isPath = flags.server === undefined && /^\.{1,2}(\/|$)/.test(given.url);
  const repository = {
    ...given,
    url: isPath ? resolve(cli.io.cwd, given.url) : given.url,
    secretFrom: absoluteSecret(given.secretFrom, cli.io.cwd),
  };
  const { name } = repository;
  await using desk = await openDesk(cli, flags);
  await desk.add(repository, replaces);
  cli.out.result(`added ${name}: ${repository.url}\n`, json(await desk.show(name)));
  cli.out.note(
    cli.out.errorColors.dim(`a push starts runs by: pd repo hook ${name} > hooks/post-receive`),
  );
}

/** `pd repo list` */
export async function listRepositories(cli: Cli, flags: DeskFlags): Promise<void> {
  await using desk = await openDesk(cli, flags);
  const all = await desk.list();
  if (all.length === 0) cli.out.note("no repository: pd repo add NAME --git URL --workflow PATH");
  const text = all.length === 0 ? "" : renderTable(
    ["NAME", "GIT", "WORKFLOW", "BRANCH", "COMMIT", "TEMPLATES", "PROBLEM"],
    all.map((repository) => [
      repository.name,
      repository.url,
      repository.workflow ?? "",
      repository.branch,
      repository.commit?.slice(0, 12) ?? "",
      repository.attachments.map(({ template }) => template).join(", "),
      repository.problem?.message.split("\n")[0]?.slice(0, 60) ?? "",
    ]),
    cli.out.colors,
  );
  cli.out.result(text, { repositories: all.map(json) });
}

/** `pd repo show` */
export async function showRepository(cli: Cli, name: string, flags: DeskFlags): Promise<void> {
  await using desk = await openDesk(cli, flags);
  const repository = await desk.show(name);
  const { url, workflow, branch, commit, isVerified, problem, attachments } = repository;
  const lines = [
    `name      ${name}`,
    `git       ${url}`,
    `workflow  ${workflow ?? "none: templates alone"}`,
    `branch    ${branch}`,
    `commit    ${commit ?? "none was run"}`,
    `webhook   ${isVerified ? `POST /repos/${name}/hook` : "none: it has no --secret-from"}`,
    ...attachments.map(({ template, track, inputs }) =>
      `template  ${template}, ${track === "latest" ? track : `version ${track}`}${
        Object.keys(inputs).length === 0 ? "" : ` ${JSON.stringify(inputs)}`
      }`
    ),
    ...problem === null
      ? []
      : [`problem   ${formatAgo(problem.at, Date.now())}: ${problem.message}`],
  ];
  cli.out.result(`${lines.join("\n")}\n`, json(repository));
}

/** `pd repo rm` */
export async function removeRepositories(
  cli: Cli,
  names: readonly string[],
  flags: DeskFlags,
): Promise<void> {
  await using desk = await openDesk(cli, flags);
  for (const name of names) {
    if (await desk.remove(name)) continue;
    throw new CodedError("NOT_FOUND", `Cannot remove "${name}" as a repository: there is none`, {
      fix: "pd repo list",
    });
  }
  cli.out.result(names.map((name) => `removed ${name}\n`).join(""), { removed: [...names] });
}

function json(repository: ShownRepository): JsonValue {
  return JSON.parse(JSON.stringify(repository));
}

/** The server may stand in another folder. */
function absoluteSecret(from: string | undefined, cwd: string): string | undefined {
  const path = /^file:(?!\/)(.+)$/.exec(from ?? "")?.[1];
  return path === undefined ? from : `file:${resolve(cwd, path)}`;
}
