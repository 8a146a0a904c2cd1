/// <reference lib="dom" />
import type { VNode } from "preact";
import { html } from "../core/html.ts";
import { navigate, place, withQuery } from "../core/router.ts";
import { useStore } from "../core/store.ts";
import type { WorkflowLine } from "../data/api_types.ts";
import { useResource } from "../data/resource.ts";
import { isFiltering, PERIODS, readFilter, RUN_STATUSES } from "../data/run_pages.ts";
import { useRuns } from "../data/use_runs.ts";
import { RunRows } from "../parts/run_rows.ts";
import { StatusMark } from "../parts/status_mark.ts";

/** Runs of all workflows; what is filtered stands in the address. */
export function RunsView(): VNode {
  const here = useStore(place);
  const filter = readFilter(here.query);
  const list = useRuns(filter);
  const { data } = useResource<{ readonly workflows: readonly WorkflowLine[] }>(
    "/workflows?runs=0",
  );
  const change = (changes: { readonly [name: string]: string | readonly string[] | undefined }) =>
    navigate(withQuery(here, changes), { replace: true });
  const toggle = (status: string) =>
    change({
      status: filter.status.includes(status)
        ? filter.status.filter((one) => one !== status)
        : [...filter.status, status],
    });
  const names = data?.workflows.map(({ name }) => name) ?? filter.workflow;
  const chosen = (event: Event) => (event.currentTarget as HTMLSelectElement).value;
  return html`
    <div class="head">
      <h1>Runs</h1>
    </div>
    <div class="filters" role="group" aria-label="Filters">
      <div class="chips" role="group" aria-label="Status">${RUN_STATUSES.map((status) =>
        html`
          <button key=${status} type="button" class="small chip" aria-pressed=${filter.status
            .includes(status)}
            onClick=${() => toggle(status)}><${StatusMark} status=${status} />${status}</button>
        `
      )}</div>
      <span class="grow"></span>
      <label><span class="unseen">Workflow</span><select value=${filter.workflow[0] ??
        ""} data-filter
        onChange=${(event: Event) => change({ workflow: chosen(event) })}>
        <option value="">All workflows</option>
        ${[...new Set([...names, ...filter.workflow])].map((name) =>
          html`<option key=${name} value=${name}>${name}</option>`
        )}
      </select></label>
      <label><span class="unseen">Time</span><select value=${filter.since} onChange=${(
        event: Event,
      ) => change({ since: chosen(event) })}>
        <option value="">Any time</option>
        ${PERIODS.map(({ id, label }) => html`<option key=${id} value=${id}>In ${label}</option>`)}
      </select></label>
      <button type="button" class="plain" disabled=${!isFiltering(filter)}
        onClick=${() => navigate("/ui/runs")}>Clear</button>
    </div>
    <${RunRows} list=${list} hasWorkflow=${true} empty=${isFiltering(filter)
      ? "No run is like that"
      : "No runs yet"} />
  `;
}
