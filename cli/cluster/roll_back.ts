import { rollBack, waitRollout } from "../../deploy/mod.ts";
import type { Cli } from "../cli.ts";
import { type ClusterFlags, withCluster } from "./with_cluster.ts";

/** What `pd rollback` was asked. */
export interface RollbackRequest extends ClusterFlags {
  readonly name: string;
  readonly to: string | undefined;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly force: boolean;
}

/** Brings an older version of a workflow back, and waits until it is up. */
export async function rollBackTo(cli: Cli, request: RollbackRequest): Promise<void> {
  const { out } = cli;
  const { name, wait, timeoutMs } = request;
  await withCluster(cli, request, async (operation) => {
    const version = await rollBack(operation, name, request);
    out.note(`applied revision ${version.revision}; secrets and schedules stay as they are`);
    const rollout = wait
      ? await waitRollout(operation, name, {
        timeoutMs,
        onProgress: (message) => out.note(message),
      })
      : undefined;
    const { revision, version: label = "", image } = version;
    out.result(
      `${name} is back at revision ${revision}: ${`${label} ${image}`.trim()}${
        rollout === undefined ? "" : `, ${rollout}`
      }`,
      { name, revision, version: label, image, rollout: rollout ?? null },
    );
  });
}
