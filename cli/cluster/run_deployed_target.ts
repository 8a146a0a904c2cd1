import { CURL_IMAGE } from "../../builder/mod.ts";
import { runByPod, runDeployed } from "../../deploy/mod.ts";
import { CodedError } from "../../engine/errors/mod.ts";
import type { JsonValue } from "../../engine/json/mod.ts";
import type { Cli } from "../cli.ts";
import { mergeInput, readInput, readPairs } from "../targets/mod.ts";
import { UsageError } from "../usage_error.ts";
import { type ClusterFlags, withCluster } from "./with_cluster.ts";

/** What `pd run --deployed` was asked. */
export interface RunDeployedRequest extends ClusterFlags {
  readonly name: string;
  /** JSON, `@file` or `-`. */
  readonly input: string | undefined;
  readonly pairs: readonly string[];
  readonly timeoutMs: number | undefined;
  /** Through the API server, or by a pod of its own. */
  readonly via: string | undefined;
}

/** Runs a deployed workflow, prints its result, and exits as the run did. */
export async function runDeployedTarget(cli: Cli, request: RunDeployedRequest): Promise<void> {
  const { name, via, timeoutMs } = request;
  if (via !== undefined && via !== "pod" && via !== "proxy") {
    throw new UsageError(
      `Cannot run "${name}" via "${via}" as there are two ways: proxy and pod`,
      `pd run --deployed ${name} --via pod`,
    );
  }
  const base = request.input === undefined
    ? undefined
    : await readInput(request.input, { stdin: cli.io.stdin, resolve: cli.resolve });
  const input = mergeInput(base, readPairs(request.pairs, {}));
  const { status, body } = await withCluster(
    cli,
    request,
    (operation) =>
      via === "pod"
        ? runByPod(operation, name, {
          input,
          timeoutMs,
          image: CURL_IMAGE,
          onLeft: (message) => cli.out.note(`note: ${message}`),
        })
        : runDeployed(operation, name, { input, timeoutMs }),
  );
  const told = errorOf(body);
  if (told !== undefined) {
    throw new CodedError(
      "RUN_REFUSED",
      `Cannot run "${name}" as its pod refuses with status ${status}: ${told.message}`,
      { fix: told.fix ?? `pd logs ${name}` },
    );
  }
  cli.out.result(typeof body === "string" ? body : JSON.stringify(body, null, 2), body);
  if (status >= 400) cli.exitCode = 1;
}

/** The engine's own error in place of a result: bad input, too many runs, draining. */
function errorOf(body: JsonValue): { message: string; fix: string | undefined } | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  const error = body["error"];
  if (typeof error !== "object" || error === null || !("message" in error)) return undefined;
  const { code, message, fix } = error as { code?: string; message: string; fix?: string | null };
  return { message: code === undefined ? message : `${code}: ${message}`, fix: fix ?? undefined };
}
