import { KubernetesError, type StatusCause } from "./kubernetes_error.ts";

/** What was asked, for messages. */
export interface Asked {
  readonly server: string;
  readonly method: string;
  readonly path: string;
}

/** The body of an answer that is an error (`meta/v1 Status`). */
interface Status {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly StatusCause[] };
}

const VERBS: { readonly [method: string]: string } = {
  GET: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** The error that an answer is: with the exact permission where one is missing. */
export function statusError(asked: Asked, status: number, body: string): KubernetesError {
  const { message, reason, details } = readStatus(body);
  const said = message ?? (body.trim().slice(0, 300) || `status ${status}`);
  const what = `${asked.method} ${asked.path.replace(/\?.*/s, "")}`;
  const answer = { status, reason, said, causes: details?.causes };
  if (status === 401) {
    return new KubernetesError(
      "KUBERNETES_FORBIDDEN",
      `Cannot use the cluster at ${asked.server} as it does not know who asks: ${said}`,
      { ...answer, fix: "kubectl auth whoami, then log in again" },
    );
  }
  const missing = status === 403 ? missingRight(said) : undefined;
  if (missing !== undefined) {
    return new KubernetesError(
      "KUBERNETES_FORBIDDEN",
      `Cannot ${missing.verb} "${missing.resource}" as ${missing.user} has no right to: ${said}`,
      { ...answer, fix: missing.fix },
    );
  }
  const verb = VERBS[asked.method] ?? asked.method;
  return new KubernetesError(
    "KUBERNETES_REFUSED",
    `Cannot ${verb} "${what}" as the cluster refuses: ${said}`,
    answer,
  );
}

function readStatus(body: string): Status {
  try {
    const status = JSON.parse(body);
    return status?.kind === "Status" ? status : {};
  } catch {
    return {};
  }
}

/** How the RBAC authorizer words it; other refusals are worded otherwise. */
const RIGHT =
  /User "([^"]+)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

function missingRight(said: string) {
  const found = RIGHT.exec(said);
  if (found === null) return undefined;
  const [, user = "", verb = "", resource = "", group = "", namespace] = found;
  const of = group === "" ? resource : resource.replace(/^([^/]+)/, `$1.${group}`);
  const kind = namespace === undefined ? "clusterrole" : "role";
  const where = namespace === undefined ? "" : ` --namespace ${namespace}`;
  const name = `pd-${verb}-${resource.replace("/", "-")}`;
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(user);
  const who = account === null
    ? `--user='${user}'`
    : `--serviceaccount=${account[1]}:${account[2]}`;
  const fix = `kubectl create ${kind} ${name}${where} --verb=${verb} --resource=${of} && ` +
    `kubectl create ${kind}binding ${name}${where} --${kind}=${name} ${who}`;
  return { user: `"${user}"`, verb, resource: of, fix };
}
