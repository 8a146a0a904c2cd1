/// <reference lib="dom" />
import type { VNode } from "preact";
import { useNow } from "../core/clock.ts";
import { formatDuration } from "../core/format.ts";
import { html } from "../core/html.ts";
import type { RunDetails, RunNode } from "../data/api_types.ts";
import type { Attempt, RunModel } from "../data/run_model.ts";
import { LiveDuration } from "./live_duration.ts";
import { StatusMark } from "./status_mark.ts";

/** When each node ran: a bar for each attempt. */
export function Timeline({ model, details, critical, selected, onSelect }: {
  readonly model: RunModel;
  readonly details: RunDetails;
  readonly critical: readonly string[];
  readonly selected: string | undefined;
  onSelect(id: string): void;
}): VNode {
  const { nodes, startedAt, createdAt, completedAt } = details;
  const now = useNow(500, completedAt === null && startedAt !== null);
  const start = startedAt ?? createdAt;
  const span = Math.max(1, (completedAt ?? now) - start);
  const path = new Set(critical);
  return html`
    <div class="timeline">
      <div class="timeline-axis" aria-hidden="true">${[0, 0.25, 0.5, 0.75, 1].map((part) =>
        html`<span key=${part} style=${{ left: `${part * 100}%` }}>${
          formatDuration(span * part)
        }</span>`
      )}</div>
      <ul>${nodes.map((node) =>
        html`<li key=${node.id}><button type="button" aria-pressed=${node.id === selected}
        class=${`timeline-row${node.id === selected ? " is-selected" : ""}`} onClick=${() =>
          onSelect(node.id)}>
        <span class="timeline-name"><${StatusMark} status=${node.status} isAlone=${true} /><span>${node.id}</span></span>
        <span class="timeline-track">${
          barsOf(node, model.attemptsOf(node.id)).map((one) =>
            html`
              <span key=${one.attempt} class=${`bar is-${one.outcome}${
                path.has(node.id) ? " is-critical" : ""
              }`}
                style=${{
                  left: `${(one.startedAt - start) / span * 100}%`,
                  width: `${((one.completedAt ?? now) - one.startedAt) / span * 100}%`,
                }}></span>
            `
          )
        }</span>
        <span class="timeline-time"><${LiveDuration} ...${node} /></span>
      </button></li>`
      )}</ul>
    </div>
  `;
}

/** Its attempts, as far as they are known; else what is known of the node itself. */
function barsOf(
  { startedAt, completedAt, status }: RunNode,
  attempts: readonly Attempt[],
): readonly Attempt[] {
  if (attempts.length > 0 || startedAt === null) return attempts;
  const outcome = status === "failed" || status === "cancelled" || status === "running"
    ? status
    : "succeeded";
  return [{ attempt: 1, startedAt, completedAt, outcome }];
}
