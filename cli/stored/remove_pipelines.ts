import type { Cli } from "../cli.ts";
import { openRunStorage } from "../open_run_storage.ts";
import { askYesNo } from "../terminal/mod.ts";
import { UsageError } from "../usage_error.ts";
import { findStored } from "./find_stored.ts";

/** What `pd pipelines rm` was asked. */
export interface RemovePipelinesRequest {
  readonly names: readonly string[];
  readonly yes: boolean;
  readonly storage: string | undefined;
}

/** Removes every version of each name, after a question on a terminal. */
export async function removePipelines(cli: Cli, request: RemovePipelinesRequest): Promise<void> {
  const { io, out } = cli;
  await using at = await openRunStorage(request.storage, io);
  const names = [...new Set(request.names)];
  // None goes when one of them is mistyped.
  for (const name of names) await findStored(name, at);
  const removed: string[] = [];
  if (request.yes || await isWanted(cli, `Remove ${names.join(", ")} from ${at.address}?`)) {
    for (const name of names) if (await at.storage.removeWorkflow(name)) removed.push(name);
  }
  out.result(removed.length === 0 ? "nothing removed" : `removed ${removed.join(", ")}`, {
    storage: at.address,
    removed,
  });
}

async function isWanted({ io }: Cli, question: string): Promise<boolean> {
  if (io.stdin.isTerminal && io.stderr.isTerminal) return await askYesNo(question);
  throw new UsageError(
    "Cannot remove pipelines without an answer as there is no terminal to ask on",
    "pd pipelines rm --yes, with what you asked for",
  );
}
