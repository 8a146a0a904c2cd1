/// <reference lib="dom" />
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formatMoment, shortId } from "../core/format.ts";
import { html } from "../core/html.ts";
import { navigate, place, withQuery } from "../core/router.ts";
import { useStore } from "../core/store.ts";
import { cancelRun, resumeRun, retryRun } from "../data/actions.ts";
import type { RunDetails, RunNode } from "../data/api_types.ts";
import { useRunScope } from "../data/principal.ts";
import { isOver, type RunModel } from "../data/run_model.ts";
import { useRun } from "../data/use_run.ts";
import { GraphView } from "../parts/graph_view.ts";
import { Icon } from "../parts/icons.ts";
import { Ago, LiveDuration } from "../parts/live_duration.ts";
import { Empty, ErrorNote, Waiting } from "../parts/notices.ts";
import { StatusBadge } from "../parts/status_mark.ts";
import { Tabs } from "../parts/tabs.ts";
import { Timeline } from "../parts/timeline.ts";
import { triggerText } from "../parts/trigger_text.ts";
import { NodePanel } from "./node_panel.ts";

/** Nodes beyond this are a list: a graph of them tells nobody anything. */
const MAX_GRAPH = 400;

/** A run, live. */
export function RunView({ runId }: { readonly runId: string }): VNode {
  const { model, error } = useRun(runId);
  if (error !== undefined) {
    return error.status === 404
      ? html`
        <h1>Run</h1>
        <${Empty} title="There is no such run">
                  <p>It never was, or is too old to be remembered.</p><a href="/ui/runs">All runs</a></${Empty}>
      `
      : html`
        <h1>Run</h1>
        <${ErrorNote} error=${error} />
      `;
  }
  if (model === undefined) {
    return html`
      <h1 class="unseen">Run</h1>
      <${Waiting} rows=${6} />
    `;
  }
  return html`<${Shown} model=${model} details=${model.details} />`;
}

function Shown(
  { model, details }: { readonly model: RunModel; readonly details: RunDetails },
): VNode {
  const here = useStore(place);
  const selected = details.nodes.find(({ id }) => id === here.query.get("node"))?.id;
  const tab = here.query.get("view") === "timeline" || details.nodes.length > MAX_GRAPH
    ? "timeline"
    : "graph";
  const select = (id: string) =>
    navigate(withQuery(here, { node: id === selected ? undefined : id }), { replace: true });
  const onTab = (id: string) =>
    navigate(withQuery(here, { view: id === "graph" ? undefined : id }), { replace: true });
  const begun = new Set(
    details.nodes.filter(({ startedAt }) => startedAt !== null).map(({ id }) => id),
  );
  const critical = details.criticalPath.nodes.filter((id) => begun.has(id));
  const also = { critical, selected, onSelect: select };
  const failed = failedNode(details);
  return html`
    <${RunHead} details=${details} />
    ${details.problem && details.status !== "cancelled" &&
      (failed === undefined || failed.id !== selected) &&
      html`<${ErrorNote} error=${details.problem}>${
        failed &&
        html`
          <a href=${withQuery(here, { node: failed.id })}>in ${failed.id}</a>
        `
      }</${ErrorNote}>`}
    <div class="run-body">
      <section class="card run-graph" aria-label="Nodes">
        <${Tabs} label="How nodes are shown" value=${tab} onChange=${onTab}
          tabs=${[{ id: "graph", label: "Graph" }, { id: "timeline", label: "Timeline" }]} />
        ${tab === "graph"
          ? html`<${GraphView} nodes=${withOnError(details.nodes)} ...${also} />`
          : html`<${Timeline} model=${model} details=${details} ...${also} />`}
      </section>
      <${NodePanel} model=${model} details=${details} node=${selected}
        onClose=${() => select(selected ?? "")} />
    </div>
  `;
}

/** The node whose failure ended the run. */
function failedNode({ nodes, problem }: RunDetails): RunNode | undefined {
  return nodes.find((node) =>
    node.status === "failed" && !node.isOnError && node.problem?.code === problem?.code &&
    node.problem?.message === problem?.message
  );
}

/** What follows a failure is drawn behind the nodes that failed. */
function withOnError(nodes: readonly RunNode[]): readonly RunNode[] {
  const failed = nodes.filter(({ status, isOnError }) => status === "failed" && !isOnError)
    .map(({ id }) => id);
  return nodes.map((node) => node.isOnError ? { ...node, dependsOn: failed } : node);
}

function RunHead({ details }: { readonly details: RunDetails }): VNode {
  const { runId, workflow, version, status, createdAt, trigger, queuePosition } = details;
  return html`
    <div class="head run-head">
      <div class="run-title">
        <p class="crumbs"><a href=${`/ui/workflows/${encodeURIComponent(workflow)}`}>${workflow}</a>
            <span class="dim">${version}</span></p>
        <h1><${StatusBadge} status=${status} /><span class="run-id" title=${runId}>${shortId(
          runId,
        )}</span></h1>
        <p class="dim facts">
          <span title=${formatMoment(createdAt)}>${triggerText(
            trigger,
          )} <${Ago} at=${createdAt} /></span>
          <span>${status === "queued"
            ? queuePosition === null
              ? "waits for its turn"
              : `waits, number ${queuePosition} in the queue`
            : html`<${LiveDuration} ...${details} />`}</span>
        </p>
      </div>
      <span class="grow"></span>
      <${Actions} details=${details} />
    </div>
  `;
}

function Actions({ details: { runId, status } }: { readonly details: RunDetails }): VNode {
  const [isBusy, setBusy] = useState(false);
  const scope = useRunScope();
  const act = (action: () => Promise<boolean>) => async () => {
    setBusy(true);
    await action();
    setBusy(false);
  };
  return html`<div class="actions">
    ${
    !isOver(status) && html`
      <button type="button" class="danger" disabled=${isBusy} ...${scope}
        onClick=${act(() => cancelRun(runId))}><${Icon} name="stop" />Cancel</button>
    `
  }
    ${
    status === "interrupted" && html`
      <button type="button" disabled=${isBusy} ...${scope}
        onClick=${act(() => resumeRun(runId))}><${Icon} name="play" />Resume</button>
    `
  }
    ${
    isOver(status) && html`
      <button type="button" disabled=${isBusy} ...${scope}
        onClick=${act(() => retryRun(runId))}><${Icon} name="retry" />Retry</button>
    `
  }
  </div>`;
}
