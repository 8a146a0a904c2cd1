import { parseDriverAddress } from "../../engine/drivers/mod.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import { bundlePipeline, packWorkflowFolder } from "../../engine/pipelines/mod.ts";
import type { NewStoredWorkflow } from "../../engine/storage/mod.ts";
import type { Cli } from "../cli.ts";
import { openRunStorage } from "../open_run_storage.ts";
import { searchTarget } from "../targets/mod.ts";
import { UsageError } from "../usage_error.ts";
import { nameOfFile } from "../pipelines/mod.ts";
import { recordJson } from "./record_json.ts";

/** What `pd set-pipeline` was asked. */
export interface SetPipelineRequest {
  readonly path: string;
  readonly name: string | undefined;
  readonly driver: string | undefined;
  readonly storage: string | undefined;
}

/** Stores a pipeline or workflow, and prints which version of it that is. */
export async function setPipeline(cli: Cli, request: SetPipelineRequest): Promise<void> {
  const { io, out } = cli;
  if (request.name !== undefined) checkName(request.name);
  const driver = request.driver === undefined ? undefined : checkDriver(request.driver);
  const source = cli.resolve(request.path);
  const { name, kind, files, warnings } = await read(source, request);
  for (const warning of warnings) out.note(`warning ${warning}`);
  await using at = await openRunStorage(request.storage, io);
  const before = await at.storage.getWorkflow(name);
  const record = await at.storage.putWorkflow({
    name,
    kind,
    driver: driver ?? undefined,
    source,
    files,
    createdAt: Date.now(),
  });
  const isUnchanged = before?.version === record.version && before.id === record.id;
  out.result(
    `${name} version ${record.version}${isUnchanged ? " (unchanged)" : ""}\nid ${record.id}`,
    { storage: at.address, unchanged: isUnchanged, ...recordJson(record), warnings: [...warnings] },
  );
  out.note(out.errorColors.dim(`run it: pd run ${name}`));
}

type Read = Pick<NewStoredWorkflow, "name" | "kind" | "files"> & {
  readonly warnings: readonly string[];
};

async function read(source: string, { name, path }: SetPipelineRequest): Promise<Read> {
  const { found } = await searchTarget(source, "/");
  if (found !== undefined) {
    const packed = await packWorkflowFolder(found.dir);
    return { ...packed, kind: "workflow", name: name ?? packed.name };
  }
  if ((await Deno.stat(source).catch(() => undefined))?.isDirectory) {
    throw new CodedError(
      "TARGET_NOT_FOUND",
      `Cannot store "${path}" as a workflow is a folder with a workflow.yaml: it has none`,
      { fix: "pd set-pipeline path/to/pipeline.ts, or pd init my-flow" },
    );
  }
  const { files, warnings } = await bundlePipeline(source);
  return { name: name ?? ownName(source), kind: "pipeline", files, warnings };
}

function ownName(path: string): string {
  const name = nameOfFile(path);
  if (name !== "") return name;
  throw new UsageError(
    `Cannot name the pipeline after "${path}" as names are kebab-case: nothing is left of it`,
    `pd set-pipeline '${path}' --name my-pipeline`,
  );
}

const MAX_NAME = 63;

function checkName(name: string): void {
  if (name.length <= MAX_NAME && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return;
  const near = nameOfFile(name).slice(0, MAX_NAME).replace(/-$/, "");
  throw new UsageError(
    `Cannot use --name "${name}" as names are kebab-case, of ${MAX_NAME} characters at the most`,
    `--name ${near === "" ? "my-pipeline" : near}`,
  );
}

const PRIVATE = /key|token|secret|password/i;

/** A storage is no place for keys. */
function checkDriver(text: string): string {
  const { params } = parseDriverAddress(text);
  const [secret] =
    Object.entries(params).find(([key, value]) =>
      PRIVATE.test(key) || /[?&][^=]*=/.test(value) && PRIVATE.test(value)
    ) ?? [];
  if (secret === undefined) return text.trim();
  throw new UsageError(
    `Cannot store a driver with "${secret}" as secrets are kept nowhere but in a secrets backend`,
    "pd run --driver … <name>, or PD_DRIVER in the environment",
  );
}
