/// <reference lib="dom" />
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { shortId } from "../core/format.ts";
import { html } from "../core/html.ts";
import type { RunSummary } from "../data/api_types.ts";
import type { RunList } from "../data/use_runs.ts";
import { Ago, LiveDuration } from "./live_duration.ts";
import { Empty, ErrorNote, Waiting } from "./notices.ts";
import { StatusBadge } from "./status_mark.ts";
import { triggerText } from "./trigger_text.ts";

/** Runs as rows, and more of them as somebody scrolls down. */
export function RunRows({ list, hasWorkflow, empty }: {
  readonly list: RunList;
  readonly hasWorkflow: boolean;
  readonly empty: string;
}): VNode {
  const { runs, hasMore, error, more } = list;
  if (error !== undefined) return html`<${ErrorNote} error=${error} />`;
  if (runs === undefined) return html`<${Waiting} rows=${6} />`;
  if (runs.length === 0) {
    return html`
      <div class="card">
        <${Empty} title=${empty} />
      </div>
    `;
  }
  return html`<ul class="rows runs">${
    runs.map((run) => html`<${Row} key=${run.runId} run=${run} hasWorkflow=${hasWorkflow} />`)
  }</ul>
    ${hasMore && html`<${More} onSeen=${more} />`}`;
}

function Row(
  { run, hasWorkflow }: { readonly run: RunSummary; readonly hasWorkflow: boolean },
): VNode {
  const { runId, workflow, status, trigger, createdAt, error } = run;
  return html`<li class="row run"><a class="run-link" href=${`/ui/runs/${runId}`}>
    <${StatusBadge} status=${status} />
    <span class="run-what"><span class="run-name">${hasWorkflow ? workflow : shortId(runId)}</span>
      ${
    error
      ? html`<span class="run-error cut-off" title=${error}>${error}</span>`
      : hasWorkflow && html`<span class="dim run-short">${shortId(runId)}</span>`
  }</span>
    <span class="dim run-by cut-off">${triggerText(trigger)}</span>
    <span class="run-took"><${LiveDuration} ...${run} /></span>
    <span class="dim run-when"><${Ago} at=${createdAt} /></span>
  </a></li>`;
}

/** Asks for more when it comes into sight; a button for those who do not scroll. */
function More({ onSeen }: { onSeen(): void }): VNode {
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const button = ref.current;
    if (button === null) return;
    const watch = new IntersectionObserver((seen) => {
      if (seen.some(({ isIntersecting }) => isIntersecting)) onSeen();
    }, { rootMargin: "400px" });
    watch.observe(button);
    return () => watch.disconnect();
  });
  return html`
    <div
      class="more"><button type="button" ref=${ref} onClick=${onSeen}>Older runs</button></div>
  `;
}
