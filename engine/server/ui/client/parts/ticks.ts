import type { VNode } from "preact";
import { formatDuration } from "../core/format.ts";
import { html } from "../core/html.ts";
import type { RunSummary } from "../data/api_types.ts";

/** How many runs are shown. */
export const TICKS = 20;

/** The last runs as bars, the newest on the right: how tall says how long it took. */
export function Ticks({ runs }: { readonly runs: readonly RunSummary[] }): VNode {
  const shown = runs.slice(0, TICKS).toReversed();
  const longest = Math.max(1, ...shown.map(({ durationMs }) => durationMs));
  const failed = shown.filter(({ status }) => status === "failed").length;
  const label = shown.length === 0
    ? "No runs yet"
    : `Last ${shown.length} runs: ${failed} failed, the newest ${shown.at(-1)?.status}`;
  return html`<div class="ticks" role="group" aria-label=${label}>
    ${
    Array.from({ length: TICKS - shown.length }, (_, index) =>
      html`<span class="tick is-none" key=${`none-${index}`}></span>`)
  }
    ${
    shown.map(({ runId, status, durationMs }) =>
      html`
        <a class=${`tick is-${status}`} key=${runId} href=${`/ui/runs/${runId}`} tabindex="-1"
          aria-label=${`${status}, ${formatDuration(durationMs)}`}
          title=${`${status} · ${formatDuration(durationMs)}`}
          style=${{ height: `${Math.round(8 + 20 * Math.sqrt(durationMs / longest))}px` }}></a>
      `
    )
  }
  </div>`;
}
