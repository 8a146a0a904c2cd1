import { CodedError } from "../engine/errors/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import { statusError } from "../engine/kubernetes/mod.ts";
import { notDeployed } from "./find_deployment.ts";
import type { Operation } from "./operation.ts";

/** What a deployed workflow answered. */
export interface DeployedRun {
  /** Of the workflow, 200 or 500 for a run, others for what is none. */
  readonly status: number;
  readonly body: JsonValue;
}

/** How a deployed workflow is run. */
export interface RunDeployed {
  readonly input: JsonValue;
  /** Stops waiting; the run in the pod goes on. No limit when undefined. */
  readonly timeoutMs?: number | undefined;
}

const PORT = 8080;
/** The longest that a timer takes: 24 days. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * Runs a deployed workflow through the API server's service proxy, which has no limit on time or size (v1.36).
 * The workflow's own answers, errors included, are handed on; the API server's, which differ only by their
 * `kind: Status`, are thrown.
 *
 * @throws {CodedError} `WORKFLOW_UNREACHABLE`, `NOT_DEPLOYED` or `RUN_TIMEOUT`
 * @throws {KubernetesError} when the cluster cannot be asked, or the right to `services/proxy` is missing
 */
export async function runDeployed(
  { client, namespace, clock, signal }: Operation,
  name: string,
  { input, timeoutMs }: RunDeployed,
): Promise<DeployedRun> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${
    encodeURIComponent(name)
  }:${PORT}/proxy/run`;
  const late = new AbortController();
  const cancel = timeoutMs === undefined ? () => {} : clock.after(timeoutMs, () => late.abort());
  try {
    const response = await client.open({
      method: "POST",
      path,
      json: input,
      isRaw: true,
      timeoutMs: FOREVER_MS,
      signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    });
    const text = await response.text();
    const body = readBody(text);
    if (isStatus(body) && !response.ok) {
      throw proxyError({
        status: response.status,
        text,
        said: body.message ?? "",
        name,
        namespace,
        path,
        server: client.cluster.server,
      });
    }
    return { status: response.status, body };
  } catch (error) {
    if (!late.signal.aborted) throw error;
    throw new CodedError(
      "RUN_TIMEOUT",
      `Cannot wait for "${name}" any longer as --timeout is ${
        (timeoutMs ?? 0) / 1000
      } s: the run goes on in its pod`,
      { fix: `pd logs ${name} -n ${namespace} -f`, cause: error },
    );
  } finally {
    cancel();
  }
}

interface ProxyFailure {
  readonly status: number;
  readonly text: string;
  readonly said: string;
  readonly name: string;
  readonly namespace: string;
  readonly path: string;
  readonly server: string;
}

/** An answer of the API server, not of the workflow. */
function proxyError({ status, text, said, name, namespace, path, server }: ProxyFailure): Error {
  if (status === 404) return notDeployed(name, namespace, "there is no such Service");
  if (status !== 503) return statusError({ server, method: "POST", path }, status, text);
  const isMissing = said.startsWith("no endpoints available");
  return new CodedError(
    "WORKFLOW_UNREACHABLE",
    `Cannot run "${name}" as its pod must answer: ${
      isMissing ? "no pod is ready" : said.replace(/^error trying to reach service: /, "")
    }`,
    { fix: `pd status ${name} --detail -n ${namespace}` },
  );
}

/** What is no JSON is text. */
function readBody(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isStatus(body: JsonValue): body is { kind: string; message?: string } {
  return typeof body === "object" && body !== null && "kind" in body &&
    body["kind"] === "Status" && "apiVersion" in body && body["apiVersion"] === "v1";
}
