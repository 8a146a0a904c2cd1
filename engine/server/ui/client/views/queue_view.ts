import type { VNode } from "preact";
import { html } from "../core/html.ts";

/** In the making. */
export function QueueView(): VNode {
  return html`<h1>Queue</h1>`;
}
