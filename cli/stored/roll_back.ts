import { CodedError } from "../../engine/errors/mod.ts";
import type { Cli } from "../cli.ts";
import { openRunStorage } from "../open_run_storage.ts";
import { findStored } from "./find_stored.ts";
import { recordJson } from "./record_json.ts";

/** What `pd pipelines rollback` was asked. */
export interface RollBackRequest {
  readonly name: string;
  /** The version before the newest when undefined. */
  readonly to: number | undefined;
  readonly storage: string | undefined;
}

/** Stores an older version as the newest. */
export async function rollBack(cli: Cli, request: RollBackRequest): Promise<void> {
  const { io, out } = cli;
  await using at = await openRunStorage(request.storage, io);
  const { version: newest } = await findStored(request.name, at);
  const to = request.to ?? newest - 1;
  if (to === 0) {
    throw new CodedError(
      "TARGET_NOT_FOUND",
      `Cannot roll "${request.name}" back as it has one version: there is none before it`,
      { fix: `pd pipelines history ${request.name}` },
    );
  }
  const { name, kind, driver, source, files } = await findStored(request.name, at, to);
  const createdAt = Date.now();
  const record = await at.storage.putWorkflow({ name, kind, driver, source, files, createdAt });
  const state = record.version === newest ? " (unchanged)" : `, as version ${to} was`;
  out.result(`${name} version ${record.version}${state}`, {
    storage: at.address,
    from: newest,
    to,
    unchanged: record.version === newest,
    ...recordJson(record),
  });
}
