import type { VNode } from "preact";
import { useNow } from "../core/clock.ts";
import { formatDuration, formatMoment, formatRelative, formatTicking } from "../core/format.ts";
import { html } from "../core/html.ts";

/** How long something took, or has taken so far: then it ticks. */
export function LiveDuration(
  { startedAt, completedAt, durationMs }: {
    readonly startedAt: number | null;
    readonly completedAt: number | null;
    readonly durationMs?: number | null;
  },
): VNode {
  const isRunning = startedAt !== null && completedAt === null;
  const now = useNow(1000, isRunning);
  if (startedAt === null) return html`<span class="duration">–</span>`;
  const text = completedAt === null
    ? formatTicking(now - startedAt)
    : formatDuration(durationMs ?? completedAt - startedAt);
  return html`<span class="duration">${text}</span>`;
}

/** How long ago, with the moment itself for whoever wants to know. */
export function Ago({ at }: { readonly at: number }): VNode {
  const now = useNow(10_000);
  return html`<time dateTime=${new Date(at).toISOString()} title=${formatMoment(at)}>${
    formatRelative(at, now)
  }</time>`;
}
