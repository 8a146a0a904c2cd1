/// <reference lib="dom" />
import type { VNode } from "preact";
import { html } from "../core/html.ts";

/** One of some views of the same thing. */
export interface Tab {
  readonly id: string;
  readonly label: string;
}

/** Buttons of which one is chosen; arrow keys go from one to the next. */
export function Tabs({ label, tabs, value, onChange }: {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly value: string;
  onChange(id: string): void;
}): VNode {
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const at = tabs.findIndex(({ id }) => id === value);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    event.preventDefault();
    onChange(next.id);
    const list = event.currentTarget as HTMLElement;
    list.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} onKeyDown=${onKey}>
    ${
    tabs.map(({ id, label }) =>
      html`
        <button key=${id} type="button" role="tab" data-tab=${id} aria-selected=${id === value}
          tabindex=${id === value ? 0 : -1} onClick=${() => onChange(id)}>${label}</button>
      `
    )
  }
  </div>`;
}
