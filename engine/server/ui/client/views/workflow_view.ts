import type { VNode } from "preact";
import { html } from "../core/html.ts";

/** In the making. */
export function WorkflowView({ name }: { readonly name: string }): VNode {
  return html`<h1>${name}</h1>`;
}
