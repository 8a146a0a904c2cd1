import type { VNode } from "preact";
import { html } from "../core/html.ts";

/** In the making. */
export function SchedulesView(): VNode {
  return html`<h1>Schedules</h1>`;
}
