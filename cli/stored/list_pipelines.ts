import type { StoredWorkflowRecord } from "../../engine/storage/mod.ts";
import type { Cli } from "../cli.ts";
import { openRunStorage } from "../open_run_storage.ts";
import { formatAgo, renderTable } from "../terminal/mod.ts";
import { findStored } from "./find_stored.ts";
import { recordJson } from "./record_json.ts";

/** Prints the newest version of everything that is stored. */
export async function listPipelines(
  cli: Cli,
  { storage }: { readonly storage: string | undefined },
): Promise<void> {
  const { io, out } = cli;
  await using at = await openRunStorage(storage, io);
  const records = await at.storage.listWorkflows();
  if (records.length === 0) out.note(`nothing is stored in ${at.address}: pd set-pipeline k6.ts`);
  const text = records.length === 0 ? "" : renderTable(
    ["NAME", "KIND", "VERSION", "DRIVER", "STORED", "SOURCE"],
    records.map((record) => [
      record.name,
      record.kind,
      String(record.version),
      record.driver ?? "",
      formatAgo(record.createdAt, Date.now()),
      record.source,
    ]),
    out.colors,
  );
  out.result(text, { storage: at.address, pipelines: records.map(recordJson) });
}

/** Prints all versions of one name. */
export async function showHistory(
  cli: Cli,
  { name, storage }: { readonly name: string; readonly storage: string | undefined },
): Promise<void> {
  const { io, out } = cli;
  await using at = await openRunStorage(storage, io);
  await findStored(name, at);
  const versions = await at.storage.workflowHistory(name);
  const row = (record: StoredWorkflowRecord) => [
    String(record.version),
    record.kind,
    record.driver ?? "",
    formatAgo(record.createdAt, Date.now()),
    record.hash.slice(0, 12),
    record.source,
  ];
  const heads = ["VERSION", "KIND", "DRIVER", "STORED", "HASH", "SOURCE"];
  out.result(renderTable(heads, versions.map(row), out.colors), {
    storage: at.address,
    versions: versions.map(recordJson),
  });
}
