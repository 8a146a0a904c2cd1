import type { VNode } from "preact";
import { html } from "../core/html.ts";

/** What has a status: runs and nodes, attempts and triggers. */
export type Status =
  | "queued"
  | "pending"
  | "running"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "skipped"
  | "interrupted"
  | "paused";

/** A shape of its own for each: colours alone tell nothing to those who do not see them. */
const SHAPES: { readonly [status in Status]: VNode } = {
  queued: html`
    <circle cx="8" cy="8" r="6" />
    <path d="M8 4.800V8l2.200 1.600" />
  `,
  pending: html`<circle cx="8" cy="8" r="5.500" stroke-dasharray="2.400 2.100" />`,
  running: html`
    <circle class="track" cx="8" cy="8" r="5.800" />
    <path class="spin" d="M8 2.200a5.800 5.800 0 0 1 5.800 5.800" />
  `,
  succeeded: html`
    <circle class="full" cx="8" cy="8" r="6.800" />
    <path class="cut" d="m5 8.300 2.100 2.100L11.200 6" />
  `,
  failed: html`
    <path class="full" d="M5.200 1.200h5.600l4 4v5.600l-4 4H5.200l-4-4V5.200z" />
    <path class="cut" d="m5.700 5.700 4.600 4.600m0-4.600-4.600 4.600" />
  `,
  cancelled: html`
    <circle cx="8" cy="8" r="6" />
    <path d="m4 4 8 8" />
  `,
  skipped: html`<path d="m3.500 4.500 4 3.500-4 3.500m5-7 4 3.500-4 3.500" />`,
  interrupted: html`
    <path d="M8 1.700 14.800 13.700H1.200z" />
    <path d="M8 6.300v3.200m0 1.900v.2" />
  `,
  paused: html`<path d="M5.500 3.500v9m5-9v9" />`,
};

/** The shape of a status; `isAlone` when no text beside it says the same. */
export function StatusMark(
  { status, isAlone = false }: { readonly status: Status; readonly isAlone?: boolean },
): VNode {
  const label = isAlone ? { role: "img", "aria-label": status } : { "aria-hidden": "true" };
  return html`<svg class=${`mark is-${status}`} viewBox="0 0 16 16" ...${label}>${
    SHAPES[status]
  }</svg>`;
}

/** The shape and the word. */
export function StatusBadge(
  { status, word }: { readonly status: Status; readonly word?: string },
): VNode {
  return html`<span class=${`badge is-${status}`}><${StatusMark} status=${status} />${
    word ?? status
  }</span>`;
}
