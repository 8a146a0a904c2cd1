/// <reference lib="dom" />
import type { VNode } from "preact";
import { shortId } from "../core/format.ts";
import { html } from "../core/html.ts";
import { cancelRun } from "../data/actions.ts";
import type { QueueFigures, RunSummary } from "../data/api_types.ts";
import { useChanges } from "../data/live.ts";
import { useRunScope } from "../data/principal.ts";
import { useResource } from "../data/resource.ts";
import { useThrottle } from "../data/throttle.ts";
import { Ago } from "../parts/live_duration.ts";
import { Empty, ErrorNote, Waiting } from "../parts/notices.ts";
import { StatusMark } from "../parts/status_mark.ts";
import { triggerText } from "../parts/trigger_text.ts";
import { QueueText } from "./workflows_view.ts";

interface Queue {
  readonly workflow: string;
  readonly figures: QueueFigures;
  readonly waiting: readonly { readonly position: number; readonly run: RunSummary }[];
}

const STRATEGIES: { readonly [strategy in QueueFigures["strategy"]]: string } = {
  append: "one after another",
  replace: "the newest replaces those that wait",
  partitioned_replace: "the newest of a partition replaces those of it",
};

/** What waits for its turn, by workflow. */
export function QueueView(): VNode {
  const { data, error, reload } = useResource<{ readonly queues: readonly Queue[] }>("/queue");
  const soon = useThrottle(reload, 300);
  useChanges({ onRun: soon, onReset: reload });
  return html`
    <div class="head">
      <h1>Queue</h1>
    </div>
    ${error && html`<${ErrorNote} error=${error} />`}
    ${data === undefined ? !error && html`<${Waiting} />` : data.queues.length === 0
      ? html`
        <div class="card">
          <${Empty}
            title="Nothing runs, nothing waits"><a href="/ui/">Start a workflow</a></${Empty}></div>
      `
      : data.queues.map((queue) =>
        html`<${OneQueue} key=${queue.workflow} queue=${queue} onChange=${reload} />`
      )}
  `;
}

function OneQueue({ queue: { workflow, figures, waiting }, onChange }: {
  readonly queue: Queue;
  onChange(): void;
}): VNode {
  const scope = useRunScope();
  const cancel = async (runId: string) => {
    await cancelRun(runId);
    onChange();
  };
  return html`<section class="card queue" aria-label=${workflow}>
    <header class="panel-head"><h2><a href=${`/ui/workflows/${
    encodeURIComponent(workflow)
  }`}>${workflow}</a></h2>
      <${QueueText} queue=${figures} /><span class="grow"></span>
      ${
    figures.concurrency !== null && html`<span class="dim">${STRATEGIES[figures.strategy]}</span>`
  }
      <a class="button small" href=${`/ui/runs?workflow=${
    encodeURIComponent(workflow)
  }&status=running`}>
        <${StatusMark} status="running" />Running</a></header>
    ${
    waiting.length === 0
      ? html`<p class="dim padded">Nothing waits</p>`
      : html`<ol class="queue-list">${
        waiting.map(({ position, run }) =>
          html`<li key=${run.runId}><span class="position" aria-label=${`Number ${position}`}>${position}</span>
          <a href=${`/ui/runs/${run.runId}`}>${shortId(run.runId)}</a>
          <span class="dim cut-off grow">${
            triggerText(run.trigger)
          } <${Ago} at=${run.createdAt} /></span>
          <button type="button" class="small danger" ...${scope} aria-label=${`Cancel ${
            shortId(run.runId)
          }`}
            onClick=${() => void cancel(run.runId)}>Cancel</button></li>`
        )
      }</ol>`
  }
  </section>`;
}
