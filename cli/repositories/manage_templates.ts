import { CodedError } from "../../engine/errors/mod.ts";
import type { JsonObject, JsonValue } from "../../engine/json/mod.ts";
import { bundlePipeline, packWorkflowFolder } from "../../engine/pipelines/mod.ts";
import type { TemplateContent } from "../../engine/repositories/mod.ts";
import type { Cli } from "../cli.ts";
import { renderTable } from "../terminal/mod.ts";
import { UsageError } from "../usage_error.ts";
import type { DeskFlags } from "./desk.ts";
import { openDesk } from "./open_desk.ts";

/** `pd repo template add` */
export async function addTemplate(
  cli: Cli,
  { name, path }: { readonly name: string; readonly path: string },
  flags: DeskFlags,
): Promise<void> {
  const content = await read(cli, path);
  await using desk = await openDesk(cli, flags);
  const { version } = await desk.addTemplate(name, content);
  cli.out.result(`template ${name} version ${version}\n`, { name, version });
  cli.out.note(cli.out.errorColors.dim(`attach it: pd repo template attach ${name} REPOSITORY`));
}

/** `pd repo template list` */
export async function listTemplates(cli: Cli, flags: DeskFlags): Promise<void> {
  await using desk = await openDesk(cli, flags);
  const all = await desk.templates();
  if (all.length === 0) cli.out.note("no template: pd repo template add NAME path/to/folder");
  const text = all.length === 0 ? "" : renderTable(
    ["NAME", "VERSION", "ATTACHED TO"],
    all.map(({ name, version, repositories }) => [
      name,
      version === null ? "removed" : String(version),
      repositories.join(", "),
    ]),
    cli.out.colors,
  );
  cli.out.result(text, JSON.parse(JSON.stringify({ templates: all })));
}

/** What `pd repo template attach` was asked. */
export interface AttachRequest {
  readonly template: string;
  readonly repository: string;
  readonly version: number | undefined;
  /** `key=value`, the value JSON where it is some. */
  readonly inputs: readonly string[];
}

/** `pd repo template attach` */
export async function attachTemplate(
  cli: Cli,
  { template, repository, version, inputs }: AttachRequest,
  flags: DeskFlags,
): Promise<void> {
  const values = readInputs(inputs);
  await using desk = await openDesk(cli, flags);
  await desk.attach({ template, repository, version, inputs: values });
  const track = version === undefined ? "latest" : `version ${version}`;
  cli.out.result(`${template} (${track}) is attached to ${repository}\n`, {
    template,
    repository,
    track: version ?? "latest",
    inputs: values,
  });
}

/** `pd repo template detach` */
export async function detachTemplate(
  cli: Cli,
  { template, repository }: Pick<AttachRequest, "template" | "repository">,
  flags: DeskFlags,
): Promise<void> {
  await using desk = await openDesk(cli, flags);
  if (!await desk.detach(repository, template)) {
    throw new CodedError(
      "NOT_FOUND",
      `Cannot detach "${template}" from "${repository}": it is not attached`,
      { fix: "pd repo template list" },
    );
  }
  cli.out.result(`${template} is detached from ${repository}\n`, { template, repository });
}

async function read(cli: Cli, given: string): Promise<TemplateContent> {
  const path = cli.resolve(given);
  if (/\.[cm]?[jt]s$/.test(path)) {
    const { files, warnings } = await bundlePipeline(path);
    for (const warning of warnings) cli.out.note(`warning ${warning}`);
    return { kind: "pipeline", files, source: path };
  }
  const { files, warnings } = await packWorkflowFolder(path);
  for (const warning of warnings) cli.out.note(`warning ${warning}`);
  return { kind: "workflow", files, source: path };
}

function readInputs(inputs: readonly string[]): JsonObject {
  return Object.fromEntries(inputs.map((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at), readValue(text.slice(at + 1))];
    throw new UsageError(
      `Cannot use --input "${text}" as it is a name and a value`,
      "--input stage=production",
    );
  }));
}

/** Numbers, booleans, lists and objects are JSON; everything else is text. */
function readValue(text: string): JsonValue {
  if (!/^(-?\d|\[|\{|"|true$|false$|null$)/.test(text) || text.startsWith("{{")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
