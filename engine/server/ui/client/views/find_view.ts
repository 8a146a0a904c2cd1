import type { VNode } from "preact";
import { html } from "../core/html.ts";
import { shortId } from "../core/format.ts";
import type { Place } from "../core/router.ts";
import { Empty } from "../parts/notices.ts";
import { QueueView } from "./queue_view.ts";
import { RunView } from "./run_view.ts";
import { RunsView } from "./runs_view.ts";
import { SchedulesView } from "./schedules_view.ts";
import { WorkflowView } from "./workflow_view.ts";
import { WorkflowsView } from "./workflows_view.ts";

/** Parts of the page that the bar leads to. */
export type Section = "workflows" | "runs" | "schedules" | "queue";

/** What is shown at a place. */
export interface FoundView {
  readonly title: string;
  readonly section: Section | undefined;
  readonly view: VNode;
}

/** The view of a place. */
export function findView({ path }: Place): FoundView {
  const [first = "", id, ...rest] = path.split("/").slice(1).map(decode);
  if (rest.length === 0) {
    if (first === "" || (first === "workflows" && !id)) {
      return { title: "Workflows", section: "workflows", view: html`<${WorkflowsView} />` };
    }
    if (first === "workflows" && id) {
      return {
        title: id,
        section: "workflows",
        view: html`<${WorkflowView} key=${id} name=${id} />`,
      };
    }
    if (first === "runs" && !id) {
      return { title: "Runs", section: "runs", view: html`<${RunsView} />` };
    }
    if (first === "runs" && id) {
      const view = html`<${RunView} key=${id} runId=${id} />`;
      return { title: `Run ${shortId(id)}`, section: "runs", view };
    }
    if (first === "schedules" && !id) {
      return { title: "Schedules", section: "schedules", view: html`<${SchedulesView} />` };
    }
    if (first === "queue" && !id) {
      return { title: "Queue", section: "queue", view: html`<${QueueView} />` };
    }
  }
  return {
    title: "Not found",
    section: undefined,
    view: html`
      <h1>Not found</h1>
      <${Empty} title="There is no such page">
            <a href="/ui/">All workflows</a></${Empty}>
    `,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
