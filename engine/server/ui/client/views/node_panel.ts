/// <reference lib="dom" />
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formatMoment } from "../core/format.ts";
import { html } from "../core/html.ts";
import { retryRun } from "../data/actions.ts";
import { API } from "../data/api.ts";
import type { RunDetails, RunNode } from "../data/api_types.ts";
import { useRunScope } from "../data/principal.ts";
import { isOver, type RunModel } from "../data/run_model.ts";
import { Icon } from "../parts/icons.ts";
import { JsonView } from "../parts/json_view.ts";
import { LiveDuration } from "../parts/live_duration.ts";
import { LogView } from "../parts/log_view.ts";
import { Empty, ErrorNote } from "../parts/notices.ts";
import { StatusBadge, StatusMark } from "../parts/status_mark.ts";
import { Tabs } from "../parts/tabs.ts";

/** What a node, or with none chosen the whole run, wrote, took and gave. */
export function NodePanel({ model, details, node: id, onClose }: {
  readonly model: RunModel;
  readonly details: RunDetails;
  readonly node: string | undefined;
  onClose(): void;
}): VNode {
  const [wanted, setTab] = useState("log");
  const node = details.nodes.find((one) => one.id === id);
  const outputs = node === undefined ? lastOutputs(details) : details.outputs[node.id];
  const tabs = [
    { id: "log", label: "Log" },
    ...node === undefined ? [{ id: "input", label: "Input" }] : [],
    { id: "output", label: node === undefined ? "Outputs" : "Output" },
    ...node === undefined ? [] : [{ id: "about", label: "About" }],
  ];
  // What was looked at last, as far as there is such a part.
  const tab = tabs.some((one) => one.id === wanted) ? wanted : "log";
  const isLive = node === undefined
    ? !isOver(details.status)
    : node.status === "running" || node.status === "pending";
  return html`<section class="card panel" aria-label=${
    node === undefined ? "Whole run" : `Node ${node.id}`
  }>
    ${
    node === undefined
      ? html`
        <header
          class="panel-head"><h2>Whole run</h2><span class="dim">Choose a node to see its own</span></header>
      `
      : html`<${NodeHead} node=${node} details=${details} onClose=${onClose} />`
  }
    ${node?.problem && html`<${ErrorNote} error=${node.problem} />`}
    <${Tabs} label="Parts" tabs=${tabs} value=${tab} onChange=${setTab} />
    <div class="panel-body" role="tabpanel">
      ${
    tab === "log" && html`
      <${LogView} key=${id ?? ""} log=${model.logOf(
        node?.id,
      )} isMixed=${node === undefined} isLive=${isLive}
        download=${node &&
          `${API}/runs/${details.runId}/nodes/${encodeURIComponent(node.id)}/log?download=true`} />
    `
  }
      ${tab === "input" && html`<${JsonView} value=${details.input} label="Input" />`}
      ${
    tab === "output" && (outputs === undefined
      ? html`<${Empty} title=${isLive ? "Nothing yet" : "There is none"} />`
      : html`<${JsonView} key=${id ?? ""} value=${outputs} label="Output" />`)
  }
      ${tab === "about" && node && html`<${About} node=${node} model=${model} />`}
    </div>
  </section>`;
}

function NodeHead({ node, details, onClose }: {
  readonly node: RunNode;
  readonly details: RunDetails;
  onClose(): void;
}): VNode {
  const { id, status, attempts, isOnError } = node;
  const scope = useRunScope();
  return html`<header class="panel-head">
    <div><h2>${id}</h2><p class="dim facts"><${StatusBadge} status=${status} />
      <${LiveDuration} ...${node} />${
    attempts > 1 && html`<span>${attempts} attempts</span>`
  }</p></div>
    <span class="grow"></span>
    ${
    isOver(details.status) && !isOnError && html`
      <button type="button" class="small"
        ...${scope} onClick=${() =>
          void retryRun(details.runId, id)}><${Icon} name="retry" />Retry from here</button>
    `
  }
    <button type="button" class="plain" aria-label="Show the whole run" onClick=${onClose}><${Icon} name="close" /></button>
  </header>`;
}

function About({ node, model }: { readonly node: RunNode; readonly model: RunModel }): VNode {
  const { id, kind, description, dependsOn, allowFailure, isOnError } = node;
  return html`<dl class="about">
    ${
    description && html`
      <div>
        <dt>Description</dt>
        <dd>${description}</dd>
      </div>
    `
  }
    <div><dt>Kind</dt><dd>${kind}${isOnError ? ", after a failure" : ""}${
    allowFailure ? ", may fail" : ""
  }</dd></div>
    <div><dt>Needs</dt><dd>${dependsOn.length === 0 ? "nothing" : dependsOn.join(", ")}</dd></div>
    ${
    model.attemptsOf(id).map((one) =>
      html`
        <div key=${`${one.attempt} ${one.startedAt}`}>
          <dt>Attempt ${one.attempt}</dt>
          <dd class="facts">
                <span class="badge"><${StatusMark} status=${one.outcome === "lost"
                  ? "interrupted"
                  : one.outcome} />${one.outcome}</span>
                <span>${formatMoment(one.startedAt)}</span><${LiveDuration} ...${one} /></dd>
        </div>
      `
    )
  }
  </dl>`;
}

/** Of nodes that nothing depends on: what the run came to; with one such node its output alone. */
function lastOutputs({ nodes, outputs }: RunDetails): unknown {
  const needed = new Set(nodes.flatMap(({ dependsOn }) => dependsOn));
  const last = nodes.filter(({ id }) => !needed.has(id) && id in outputs).map(({ id }) => id);
  if (last.length === 0) return undefined;
  return last.length === 1
    ? outputs[last[0] ?? ""]
    : Object.fromEntries(last.map((id) => [id, outputs[id]]));
}
