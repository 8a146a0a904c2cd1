/// <reference lib="dom" />
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { html } from "../core/html.ts";

/** Members shown at first of an object or an array. */
const STEP = 100;
/** Characters shown at first of a text. */
const MAX_TEXT = 2000;

/** JSON that folds: what is large is closed at first. */
export function JsonView(
  { value, label }: { readonly value: unknown; readonly label: string },
): VNode {
  return html`
    <div class="json" role="group" aria-label=${label} tabindex="0">
      <${Value} value=${value} depth=${0} />
    </div>
  `;
}

function Value(
  { value, name, depth }: {
    readonly value: unknown;
    readonly name?: string;
    readonly depth: number;
  },
): VNode {
  const key = name === undefined ? null : html`<span class="json-key">${name}</span>${": "}`;
  if (typeof value !== "object" || value === null) {
    return html`<div class="json-row">${key}<${Scalar} value=${value} /></div>`;
  }
  const isArray = Array.isArray(value);
  const members = Object.entries(value);
  if (members.length === 0) {
    return html`<div class="json-row">${key}<span class="json-mark">${
      isArray ? "[]" : "{}"
    }</span></div>`;
  }
  return html`<${Folded} members=${members} isArray=${isArray} name=${name} depth=${depth} />`;
}

function Folded({ members, isArray, name, depth }: {
  readonly members: readonly (readonly [string, unknown])[];
  readonly isArray: boolean;
  readonly name: string | undefined;
  readonly depth: number;
}): VNode {
  const [isOpen, setOpen] = useState(depth < 2 && members.length <= 20);
  const [shown, setShown] = useState(STEP);
  const size = isArray ? `[${members.length}]` : `{${members.length}}`;
  const onToggle = (event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open);
  return html`<details class="json-fold" open=${isOpen} onToggle=${onToggle}>
    <summary>${
    name !== undefined && html`
      <span class="json-key">${name}</span>
    `
  }<span class="json-mark">${size}</span></summary>
    ${
    isOpen && html`<div class="json-members">
      ${
      members.slice(0, shown).map(([key, value]) =>
        html`<${Value} key=${key} name=${key} value=${value} depth=${depth + 1} />`
      )
    }
      ${
      members.length > shown &&
      html`<button type="button" class="plain" onClick=${() => setShown(shown + 10 * STEP)}>${
        members.length - shown
      } more</button>`
    }
    </div>`
  }
  </details>`;
}

function Scalar({ value }: { readonly value: unknown }): VNode {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== "string") {
    return html`<span class=${`json-${typeof value}`}>${String(value)}</span>`;
  }
  if (value.length <= MAX_TEXT || isWhole) {
    return html`<span class="json-string">${JSON.stringify(value)}</span>`;
  }
  return html`
    <span class="json-string">${JSON.stringify(value.slice(0, MAX_TEXT))}…</span> <button
      type="button" class="plain" onClick=${() => setWhole(true)}>all ${value
        .length} characters</button>
  `;
}
