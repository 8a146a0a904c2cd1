import { CodedError } from "../engine/errors/mod.ts";
import type { Cli } from "./cli.ts";
import type { PreparedDeploy } from "./deploy_target.ts";

/** Applies a workflow to a cluster, or shows what that would change. Sets the exit code. */
export function deployOnline(_cli: Cli, { request }: PreparedDeploy): Promise<void> {
  return Promise.reject(
    new CodedError("NOT_AVAILABLE", "Cannot apply as this version of pd only writes manifests", {
      fix: `pd deploy ${request.target} --dry-run | kubectl apply --server-side -f -`,
    }),
  );
}
