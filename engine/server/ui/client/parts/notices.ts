/// <reference lib="dom" />
import type { ComponentChildren, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { announcement, toast } from "../core/announce.ts";
import { html } from "../core/html.ts";
import { useStore } from "../core/store.ts";
import type { ApiError } from "../data/api.ts";
import { Icon } from "./icons.ts";

/** Says what went wrong, and what helps. */
export function ErrorNote(
  { error, children }: {
    readonly error:
      & Pick<ApiError, "code" | "message" | "fix">
      & Partial<Pick<ApiError, "problems">>;
    readonly children?: ComponentChildren;
  },
): VNode {
  const { code, message, fix, problems = [] } = error;
  return html`<div class="note is-bad" role="alert">
    <p><strong>${message}</strong> <code class="code">${code}</code>${children}</p>
    ${problems.map((one) => html`<p><code>${one.input}</code> ${one.message}</p>`)}
    ${fix && html`<p class="fix"><span>Fix</span> <code>${fix}</code></p>`}
  </div>`;
}

/** A place where nothing is yet, and how something comes there. */
export function Empty(
  { title, children }: { readonly title: string; readonly children?: ComponentChildren },
): VNode {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children}</div>`;
}

/** Room for what is on its way, as tall as it will be. */
export function Waiting({ rows = 3 }: { readonly rows?: number }): VNode {
  return html`<div class="waiting" aria-busy="true" aria-label="Loading">
    ${Array.from({ length: rows }, (_, index) => html`<div class="bone" key=${index}></div>`)}
  </div>`;
}

const TOAST_MS = 6000;

/** The note at the edge, and what is read aloud. */
export function Announcer(): VNode {
  const note = useStore(toast);
  const spoken = useStore(announcement);
  useEffect(() => {
    if (note === undefined) return;
    const timer = setTimeout(() => toast.set(undefined), TOAST_MS);
    return () => clearTimeout(timer);
  }, [note]);
  return html`
    <div class="unseen" role="status" aria-live="polite">${spoken}</div>
    ${note && html`
      <div class=${`toast is-${note.kind}`}>
        <div><p>${note.text}</p>${note.fix && html`<p class="dim">${note.fix}</p>`}</div>
        <button type="button" class="plain" aria-label="Dismiss" onClick=${() =>
          toast.set(undefined)}>
              <${Icon} name="close" /></button>
      </div>
    `}
  `;
}
