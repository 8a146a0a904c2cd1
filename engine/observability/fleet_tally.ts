import type { RunEvent } from "../executor/mod.ts";
import type { Workflow } from "../workflow/mod.ts";
import { ownFamilies, sharedFamilies } from "./metric_families.ts";
import type { MetricFamily } from "./metric_family.ts";
import { register } from "./metrics.ts";
import { RunTally } from "./run_tally.ts";
import { StorageTally } from "./storage_tally.ts";

/** A workflow that is counted. */
export interface TalliedWorkflow {
  readonly name: string;
  readonly workflow: Workflow;
}

/** Counters of many workflows over one storage. */
export class FleetTally {
  readonly storage: StorageTally = new StorageTally();
  readonly #tallies = new Map<string, RunTally>();

  /** The counters of the workflow of that name, from now on. */
  of(name: string): RunTally {
    const known = this.#tallies.get(name);
    if (known !== undefined) return known;
    const tally = new RunTally();
    this.#tallies.set(name, tally);
    return tally;
  }

  /** Counts what happened to a run of a workflow. */
  add(event: RunEvent, { name, workflow }: TalliedWorkflow): void {
    const tally = this.of(name);
    tally.describeBy((runId) => workflow.liveRun(runId)?.summary);
    tally.add(event);
  }

  /**
   * All figures of the workflows that there are now, in the Prometheus text format. Those of workflows that are gone
   * are forgotten.
   */
  async render(
    workflows: readonly TalliedWorkflow[],
  ): Promise<{ readonly contentType: string; readonly text: string }> {
    const names = new Set(workflows.map(({ name }) => name));
    for (const name of this.#tallies.keys()) if (!names.has(name)) this.#tallies.delete(name);
    const families = [
      ...workflows.flatMap(({ name, workflow }) => ownFamilies(workflow, this.of(name))),
      ...sharedFamilies(this.storage),
    ];
    const registry = await register(merged(families));
    return { contentType: registry.contentType, text: await registry.metrics() };
  }
}

/** One family for each name, with the samples of all. */
function merged(families: readonly MetricFamily[]): readonly MetricFamily[] {
  return [...Map.groupBy(families, ({ name }) => name).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined
      ? []
      : [{ ...first, samples: () => same.flatMap((family) => family.samples()) }];
  });
}
