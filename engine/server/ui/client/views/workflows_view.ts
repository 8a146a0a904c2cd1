/// <reference lib="dom" />
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { counted, formatRelative } from "../core/format.ts";
import { useNow } from "../core/clock.ts";
import { html } from "../core/html.ts";
import { navigate, place, withQuery } from "../core/router.ts";
import { useStore } from "../core/store.ts";
import { attempt } from "../data/actions.ts";
import { call } from "../data/api.ts";
import type { PlaceProblem, WorkflowLine } from "../data/api_types.ts";
import { useChanges } from "../data/live.ts";
import { principal, useRunScope } from "../data/principal.ts";
import { useResource } from "../data/resource.ts";
import { useThrottle } from "../data/throttle.ts";
import { nextByWorkflow, type ScheduleList } from "../data/schedules.ts";
import { Icon } from "../parts/icons.ts";
import { Ago, LiveDuration } from "../parts/live_duration.ts";
import { Empty, ErrorNote, Waiting } from "../parts/notices.ts";
import { StatusBadge } from "../parts/status_mark.ts";
import { TICKS, Ticks } from "../parts/ticks.ts";
import { StartDialog } from "./start_dialog.ts";

/** All workflows with their last runs. */
export function WorkflowsView(): VNode {
  const here = useStore(place);
  const wanted = here.query.get("q") ?? "";
  const { data, error, reload } = useResource<{ readonly workflows: readonly WorkflowLine[] }>(
    `/workflows?runs=${TICKS}`,
  );
  const schedules = useResource<ScheduleList>("/schedules");
  const problems = useResource<{ readonly problems: readonly PlaceProblem[] }>("/problems");
  const [started, setStarted] = useState<string>();
  const soon = useThrottle(reload, 300);
  useChanges({
    onRun: soon,
    onReset: () => {
      reload();
      schedules.reload();
      problems.reload();
    },
  });
  const next = nextByWorkflow(schedules.data);
  const needle = wanted.toLowerCase();
  const shown =
    data?.workflows.filter(({ name, description, origin }) =>
      `${name} ${description ?? ""} ${origin.place}`.toLowerCase().includes(needle)
    ) ?? [];
  const onFilter = (event: Event) =>
    navigate(withQuery(here, { q: (event.currentTarget as HTMLInputElement).value }), {
      replace: true,
    });
  return html`
    <div class="head"><h1>Workflows</h1>
      ${data && html`<span class="count">${data.workflows.length}</span>`}
      <span class="grow"></span>
      <label class="search"><${Icon} name="search" /><span class="unseen">Filter workflows</span>
        <input type="search" placeholder="Filter" value=${wanted} onInput=${onFilter} data-filter /></label>
    </div>
    ${error && html`<${ErrorNote} error=${error} />`}
    <${Problems} problems=${problems.data?.problems ?? []} onReload=${() => {
      reload();
      problems.reload();
    }} />
    ${data === undefined
      ? !error && html`<${Waiting} rows=${4} />`
      : data.workflows.length === 0
      ? html`
        <${Empty} title="No workflow yet">
          <p>Write one into the folder that is served: <code>pd init hello</code>,
                  or store a pipeline: <code>pd set-pipeline k6.ts</code></p>
          </${Empty}>
      `
      : shown.length === 0
      ? html`<${Empty} title=${`No workflow has “${wanted}” in its name`} />`
      : html`<ul class="rows workflows">${
        shown.map((line) =>
          html`
            <${Line} key=${line.name} line=${line} next=${next.get(line.name)}
              onStart=${() => setStarted(line.name)} />
          `
        )
      }</ul>`}
    ${started !== undefined &&
      html`<${StartDialog} name=${started} onClose=${() => setStarted(undefined)} />`}
  `;
}

function Line({ line, next, onStart }: {
  readonly line: WorkflowLine;
  readonly next: number | undefined;
  onStart(): void;
}): VNode {
  const { name, description, origin, queue, lastRuns } = line;
  const [last] = lastRuns;
  const scope = useRunScope();
  const href = `/ui/workflows/${encodeURIComponent(name)}`;
  return html`
    <li class="row workflow">
      <div class="workflow-what">
        <h2><a href=${href}>${name}</a></h2>
        <p class="dim cut-off">${description ?? html`<${OriginText} origin=${origin} />`}</p>
      </div>
      <${Ticks} runs=${lastRuns} />
      <div class="workflow-last">
          ${last === undefined ? html`<span class="dim">No runs yet</span>` : html`
            <a class="quiet"
              href=${`/ui/runs/${last.runId}`}><${StatusBadge} status=${last.status} /></a>
            <span class="dim"><${Ago} at=${last
              .createdAt} /> · <${LiveDuration} ...${last} /></span>
          `}
        </div>
      <div class="workflow-queue">
        <${QueueText} queue=${queue} />
        <${NextText} at=${next} />
      </div>
      <button type="button" ...${scope} onClick=${onStart}
        aria-label=${`Start ${name}`}><${Icon} name="play" />Start</button>
    </li>
  `;
}

/** Where a workflow came from. */
export function OriginText({ origin: { kind, place } }: Pick<WorkflowLine, "origin">): VNode {
  const file = place.split("/").filter(Boolean).slice(-2).join("/");
  const words = {
    folder: "folder",
    stored: "stored as",
    pipelines: "from",
    repository: "repository",
  };
  return html`<span title=${place}>${words[kind]} <code>${file}</code></span>`;
}

/** What runs and what waits, as far as there is anything to say. */
export function QueueText(
  { queue: { running, waiting, concurrency, limit } }: Pick<WorkflowLine, "queue">,
): VNode {
  const parts = [
    ...running > 0 ? [`${running}${concurrency === null ? "" : ` of ${concurrency}`} running`] : [],
    ...waiting > 0 ? [`${waiting}${limit === null ? "" : ` of ${limit}`} waiting`] : [],
  ];
  if (parts.length > 0) return html`<span>${parts.join(" · ")}</span>`;
  return html`<span class="dim">${
    concurrency === null ? "idle" : `idle, ${concurrency} at a time`
  }</span>`;
}

function NextText({ at }: { readonly at: number | undefined }): VNode | null {
  const now = useNow(30_000);
  if (at === undefined) return null;
  return html`<span class="dim next"><${Icon} name="schedules" />${formatRelative(at, now)}</span>`;
}

function Problems({ problems, onReload }: {
  readonly problems: readonly PlaceProblem[];
  onReload(): void;
}): VNode | null {
  const isAdmin = useStore(principal)?.scope === "admin";
  if (problems.length === 0) return null;
  const lookAgain = async () => {
    await attempt(() => call("/reload", { method: "POST" }), "Every source was looked at again");
    onReload();
  };
  return html`<details class="note is-warning">
    <summary><strong>${counted(problems.length, "source")} could not be loaded</strong>
      <span class="dim">What was there before goes on</span></summary>
    ${
    problems.map(({ place, message }) =>
      html`
        <div key=${place}>
          <p><code>${place}</code></p>
          <pre tabindex="0">${message}</pre>
        </div>
      `
    )
  }
    ${
    isAdmin && html`
      <div><button type="button" class="small" onClick=${() => void lookAgain()}>
        <${Icon} name="retry" />Look again</button></div>
    `
  }
  </details>`;
}
