import { listObjects } from "./list_objects.ts";
import type { CronJob, Deployment } from "./objects.ts";
import type { Operation } from "./operation.ts";
import { resourceOf, selectorOf } from "./resources.ts";
import { timeOf } from "./status.ts";

/** A deployed workflow in one line. */
export interface DeployedWorkflow {
  readonly name: string;
  readonly namespace: string;
  readonly version: string | undefined;
  readonly image: string;
  readonly available: number;
  readonly wanted: number;
  /** As the cluster keeps them: `0 9 * * * Europe/Berlin`. */
  readonly schedules: readonly string[];
  /** When a schedule last started a run. */
  readonly lastRunAt: number | undefined;
  readonly lastSucceededAt: number | undefined;
}

const NAME = "app.kubernetes.io/name";

/** Workflows of a namespace, or of all. By namespace and name. */
export async function listDeployed(
  operation: Operation,
  { allNamespaces }: { readonly allNamespaces: boolean },
): Promise<readonly DeployedWorkflow[]> {
  const namespace = allNamespaces ? undefined : operation.namespace;
  const labels = selectorOf();
  const [deployments, crons] = await Promise.all([
    listObjects<Deployment>(operation, resourceOf("Deployment"), { namespace, labels }),
    listObjects<CronJob>(operation, resourceOf("CronJob"), { namespace, labels }),
  ]);
  return deployments.map(({ metadata, spec, status }) => {
    const own = crons.filter((cron) =>
      cron.metadata.namespace === metadata.namespace &&
      cron.metadata.labels?.[NAME] === metadata.name
    );
    return {
      name: metadata.name,
      namespace: metadata.namespace ?? operation.namespace,
      version: metadata.labels?.["app.kubernetes.io/version"],
      image: spec.template.spec?.containers?.[0]?.image ?? "",
      available: status?.availableReplicas ?? 0,
      wanted: spec.replicas ?? 1,
      schedules: own.map(({ spec }) =>
        `${spec.schedule} ${spec.timeZone ?? ""}${spec.suspend ? " (suspended)" : ""}`.trim()
      ),
      lastRunAt: newest(own.map(({ status }) => timeOf(status?.lastScheduleTime))),
      lastSucceededAt: newest(own.map(({ status }) => timeOf(status?.lastSuccessfulTime))),
    };
  }).toSorted((a, b) => `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1);
}

function newest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
