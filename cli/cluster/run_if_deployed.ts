import { getDeployment } from "../../deploy/mod.ts";
import { CodedError, PdError } from "../../engine/errors/mod.ts";
import type { Cli } from "../cli.ts";
import { type RunDeployedRequest, runDeployedTarget } from "./run_deployed_target.ts";
import { withCluster } from "./with_cluster.ts";

/** A name that may only be mistyped does not wait longer for a cluster that is out of reach. */
const LOOK_MS = 3_000;

/**
 * Runs what is deployed under a name to the current Kubernetes context: the last place where `pd run` looks.
 *
 * @param missing what is thrown when it is not there either; where was looked is added
 */
export async function runIfDeployed(
  cli: Cli,
  request: RunDeployedRequest,
  missing: PdError,
): Promise<void> {
  const looked = await look(cli, request);
  if (looked === undefined) return await runDeployedTarget(cli, request);
  throw new CodedError(
    "TARGET_NOT_FOUND",
    `${missing.message}; ${looked}`,
    missing.fix === undefined ? {} : { fix: missing.fix },
  );
}

/** Why it is not there; `undefined` when it is. */
async function look(cli: Cli, request: RunDeployedRequest): Promise<string | undefined> {
  try {
    return await withCluster(cli, request, async (operation) => {
      const signals = [AbortSignal.timeout(LOOK_MS), ...operation.signal ? [operation.signal] : []];
      const found = await getDeployment(
        { ...operation, signal: AbortSignal.any(signals) },
        request.name,
      );
      if (found !== undefined) return undefined;
      return `the namespace "${operation.namespace}" of the Kubernetes context: nothing deployed of that name`;
    });
  } catch (error) {
    cli.io.interrupt().throwIfAborted();
    if (error instanceof DOMException && error.name === "TimeoutError") {
      return `a Kubernetes context: no answer within ${LOOK_MS / 1_000} s`;
    }
    if (!(error instanceof PdError)) throw error;
    const state = error.message.slice(error.message.lastIndexOf(": ") + 2);
    return `a Kubernetes context: ${state}`;
  }
}
