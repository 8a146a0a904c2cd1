/// <reference lib="dom" />
import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { html } from "../core/html.ts";
import type { WorkflowDetails } from "../data/api_types.ts";
import { useRunScope } from "../data/principal.ts";
import { useResource } from "../data/resource.ts";
import { useRuns } from "../data/use_runs.ts";
import { GraphView } from "../parts/graph_view.ts";
import { Icon } from "../parts/icons.ts";
import { JsonView } from "../parts/json_view.ts";
import { Empty, ErrorNote, Waiting } from "../parts/notices.ts";
import { RunRows } from "../parts/run_rows.ts";
import { Tabs } from "../parts/tabs.ts";
import { StartDialog } from "./start_dialog.ts";
import { OriginText, QueueText } from "./workflows_view.ts";

/** Nodes beyond this are too many for a picture. */
const MAX_GRAPH = 400;

const TABS = [
  { id: "runs", label: "Runs" },
  { id: "graph", label: "Graph" },
  { id: "definition", label: "Definition" },
];

/** One workflow: its runs, its graph, and what it is made of. */
export function WorkflowView({ name }: { readonly name: string }): VNode {
  const { data, error } = useResource<WorkflowDetails>(`/workflows/${encodeURIComponent(name)}`);
  const scope = useRunScope();
  const [isStarting, setStarting] = useState(false);
  const [tab, setTab] = useState("runs");
  if (error?.status === 404) {
    return html`
      <h1>${name}</h1>
      <${Empty} title="There is no such workflow, or this token may not see it">
            <a href="/ui/">All workflows</a></${Empty}>
    `;
  }
  return html`
    <div class="head run-head">
      <div class="run-title">
        <p class="crumbs"><a href="/ui/">Workflows</a></p>
        <h1>${name}</h1>
        <p class="dim facts">${data === undefined ? "\u00a0" : html`
          <span>${data.version}</span>
          <${OriginText} origin=${data.origin} />
          <${QueueText} queue=${data.queue} />
        `}</p>
      </div>
      <span class="grow"></span>
      <div
        class="actions"><button type="button" class="primary" data-start ...${scope} onClick=${() =>
          setStarting(true)}>
        <${Icon} name="play" />Start</button></div>
    </div>
    ${error && html`<${ErrorNote} error=${error} />`}
    ${data?.description && html`<p class="description">${data.description}</p>`}
    ${data?.problems.map(({ message }) =>
      html`
        <div class="note is-warning">
          <pre tabindex="0">${message}</pre>
        </div>
      `
    )}
    <${Tabs} label="Parts" tabs=${TABS} value=${tab} onChange=${setTab} />
    <div class="below-tabs" role="tabpanel" aria-label=${tab}>
      ${tab === "runs" && html`<${Runs} name=${name} />`}
      ${tab === "graph" &&
        (data === undefined ? html`<${Waiting} />` : html`<${Graph} workflow=${data} />`)}
      ${tab === "definition" && (data === undefined ? html`<${Waiting} />` : html`
        <div class="card padded">
          <${JsonView} value=${data.spec} label="Definition" />
        </div>
      `)}
    </div>
    ${isStarting && html`<${StartDialog} name=${name} onClose=${() => setStarting(false)} />`}
  `;
}

function Runs({ name }: { readonly name: string }): VNode {
  const filter = useMemo(() => ({ workflow: [name], status: [], since: "" }), [name]);
  return html`<${RunRows} list=${useRuns(filter)} hasWorkflow=${false} empty="No runs yet" />`;
}

function Graph({ workflow: { nodes } }: { readonly workflow: WorkflowDetails }): VNode {
  if (nodes.length > MAX_GRAPH) {
    return html`<ul class="rows">${
      nodes.map(({ id, dependsOn }) =>
        html`
          <li class="row padded"
            key=${id}><strong>${id}</strong> <span class="dim">${dependsOn.join(", ")}</span></li>
        `
      )
    }</ul>`;
  }
  return html`
    <div class="card">
      <${GraphView} nodes=${nodes} />
    </div>
  `;
}
