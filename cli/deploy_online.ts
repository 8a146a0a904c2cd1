import {
  type Deployed,
  deployWorkflow,
  diffAll,
  getDeployment,
  type KubernetesObject,
  type ObjectChange,
  type Operation,
  RIGHTS_ANNOTATION,
} from "../deploy/mod.ts";
import type { RightChange, WorkflowRights } from "../builder/mod.ts";
import { createRedactor, type Redactor } from "../engine/context/mod.ts";
import type { JsonValue } from "../engine/json/mod.ts";
import type { Cli } from "./cli.ts";
import { withCluster } from "./cluster/with_cluster.ts";
import type { PreparedDeploy } from "./deploy_target.ts";
import { askYesNo } from "./terminal/mod.ts";

const BUILDER = new URL("../builder/mod.ts", import.meta.url).href;
const VERSION = "app.kubernetes.io/version";

/** Applies a workflow to a cluster, or shows what that would change. Sets the exit code. */
export async function deployOnline(cli: Cli, prepared: PreparedDeploy): Promise<void> {
  const { request, spec } = prepared;
  const builder: typeof import("../builder/mod.ts") = await import(BUILDER);
  const rights = builder.rightsOf(spec);
  await withCluster(cli, request, async (operation) => {
    const { namespace } = operation;
    const objects = prepared.manifests(namespace).map((one) => withRights(one, rights));
    if (request.diff) {
      await showDiff(
        cli,
        await diffAll(operation, spec.name, {
          objects,
          force: request.force,
          onLeft: (message) => cli.out.note(`note: ${message}`),
        }),
      );
      return;
    }
    const changes = await tellChanges(cli, operation, { objects, rights, builder });
    if (!(await mayGoOn(cli, prepared, changes))) return;
    const redactor = redactorOf(objects);
    const { out } = cli;
    const applied: string[] = [];
    const work = deployWorkflow(operation, spec.name, {
      objects,
      options: {
        force: request.force,
        wait: request.wait,
        timeoutMs: request.timeoutMs,
        onApplied: ({ kind, name, change }) => {
          applied.push(`${kind} ${name}`);
          out.detail(`${change} ${kind} ${name}`);
        },
        onRemoved: ({ kind, name }) => out.note(`removed ${kind} ${name}`),
        onLeft: (message) => out.note(`note: ${message}`),
        onProgress: (message) => out.note(message),
        onWarning: (message) => out.warn(`warning ${redactor.text(message)}`),
        redact: (text) => redactor.text(text),
      },
    });
    const done = await work.catch((error) => {
      if (cli.io.interrupt().aborted) {
        out.note(`interrupted; applied before it: ${applied.join(", ") || "nothing"}`);
      }
      throw error;
    });
    tellDone(cli, prepared, { done, namespace });
  });
}

interface Told {
  readonly isNew: boolean;
  readonly rights: readonly RightChange[];
}

/** Says what is about to change: image, version, rights. */
async function tellChanges(
  { out }: Cli,
  operation: Operation,
  { objects, rights, builder }: {
    readonly objects: readonly KubernetesObject[];
    readonly rights: WorkflowRights;
    readonly builder: typeof import("../builder/mod.ts");
  },
): Promise<Told> {
  const made = objects.find(({ kind }) => kind === "Deployment");
  const before = made === undefined
    ? undefined
    : await getDeployment(operation, made.metadata.name);
  const { client, namespace } = operation;
  out.note(`to ${client.cluster.name}, namespace "${namespace}"`);
  const image = imageOf(made);
  if (before === undefined) {
    out.note(`new: ${made?.metadata.name} ${made?.metadata.labels?.[VERSION] ?? ""} ${image}`);
    for (const line of builder.describeRights(rights)) out.note(`  ${line}`);
    return { isNew: true, rights: [] };
  }
  const was = imageOf(before);
  if (was !== image) out.note(`image: ${was} -> ${image}`);
  const changes = rightsBefore(before.metadata.annotations?.[RIGHTS_ANNOTATION], rights, builder);
  if (changes === undefined) {
    out.note("what it may do now is not known, as after a rollback; from now on:");
    for (const line of builder.describeRights(rights)) out.note(`  ${line}`);
    return { isNew: false, rights: [] };
  }
  for (const { change, of, right } of changes) {
    out.note(`${change === "added" ? "+" : "-"} right of ${of}: ${right}`);
  }
  return { isNew: false, rights: changes };
}

function rightsBefore(
  text: string | undefined,
  now: WorkflowRights,
  builder: typeof import("../builder/mod.ts"),
): readonly RightChange[] | undefined {
  if (text === undefined) return undefined;
  try {
    return builder.diffRights(JSON.parse(text), now);
  } catch {
    // Written by another version of pd.
    return undefined;
  }
}

/** A person is asked before a workflow that runs already may do more; a script has said so by running. */
async function mayGoOn(
  { io, out }: Cli,
  { request }: PreparedDeploy,
  { rights }: Told,
): Promise<boolean> {
  const added = rights.filter(({ change }) => change === "added");
  if (added.length === 0 || request.yes || out.format === "json") return true;
  if (!io.stdin.isTerminal || !io.stderr.isTerminal) return true;
  if (await askYesNo("Deploy it with these further rights?")) return true;
  out.note("nothing was applied");
  return false;
}

function tellDone(
  { out }: Cli,
  { spec, request }: PreparedDeploy,
  { done, namespace }: { readonly done: Deployed; readonly namespace: string },
): void {
  const { name, version } = spec;
  const how = done.rollout === undefined ? "applied" : `up: ${done.rollout}`;
  out.result(`${name} ${version} is ${how}, in ${namespace}`, {
    name,
    version,
    namespace,
    applied: done.applied.map((one) => ({ ...one })),
    removed: done.removed.map((one) => ({ ...one })),
    rollout: done.rollout ?? null,
  });
  const context = request.context === undefined ? "" : ` --context ${request.context}`;
  out.note(`run it:       pd run --deployed ${name} -n ${namespace}${context}`);
  out.note(`its log:      pd logs ${name} -n ${namespace}${context} -f`);
  out.note(`take it back: pd rollback ${name} -n ${namespace}${context}`);
}

function showDiff({ out }: Cli, changes: readonly ObjectChange[]): void {
  const marks = { create: "+", update: "~", delete: "-", none: " ", unknown: "?" } as const;
  const hints = { none: " (unchanged)", unknown: " (not compared: there is no right to get it)" };
  const lines = changes.flatMap(({ kind, name, change, fields }) => [
    `${marks[change]} ${kind} ${name}${
      change === "none" || change === "unknown" ? hints[change] : ""
    }`,
    ...fields.map(({ path, before, after }) =>
      `    ${path}: ${before ?? "(none)"} -> ${after ?? "(none)"}`
    ),
  ]);
  const changed = changes.filter(({ change }) => change !== "none" && change !== "unknown").length;
  lines.push(
    `${changed} of ${changes.length} objects would change; values of secrets are not shown`,
  );
  out.result(lines.join("\n"), {
    changes: changes.map((one) => ({ ...one })) as unknown as JsonValue,
  });
}

function withRights(object: KubernetesObject, rights: WorkflowRights): KubernetesObject {
  if (object.kind !== "Deployment") return object;
  const annotations = {
    ...object.metadata.annotations,
    [RIGHTS_ANNOTATION]: JSON.stringify(rights),
  };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function imageOf(object: unknown): string {
  const deployment = object as
    | { spec?: { template?: { spec?: { containers?: { image?: string }[] } } } }
    | undefined;
  return deployment?.spec?.template?.spec?.containers?.[0]?.image ?? "";
}

/** Knows the values that are deployed: none of them comes back in a log or a warning. */
function redactorOf(objects: readonly KubernetesObject[]): Redactor {
  const secret = objects.find(({ kind }) => kind === "Secret");
  const data = (secret as { data?: { [service: string]: string } } | undefined)?.data ?? {};
  return createRedactor(Object.fromEntries(
    Object.entries(data).map(([service, value]) => {
      const text = new TextDecoder().decode(Uint8Array.fromBase64(value));
      // The whole of it too: in Base64 it is what the cluster has, and may repeat.
      return [service, { ...JSON.parse(text), "": text }];
    }),
  ));
}
