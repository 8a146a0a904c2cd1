import type { VNode } from "preact";
import { html } from "../core/html.ts";

/** In the making. */
export function RunsView(): VNode {
  return html`<h1>Runs</h1>`;
}
