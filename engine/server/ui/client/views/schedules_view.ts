/// <reference lib="dom" />
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useNow } from "../core/clock.ts";
import { formatMoment, formatRelative } from "../core/format.ts";
import { html } from "../core/html.ts";
import { attempt } from "../data/actions.ts";
import { call } from "../data/api.ts";
import { useChanges } from "../data/live.ts";
import { useRunScope } from "../data/principal.ts";
import { useResource } from "../data/resource.ts";
import { pauseRequest, type Schedule, type ScheduleList } from "../data/schedules.ts";
import { useThrottle } from "../data/throttle.ts";
import { Dialog } from "../parts/dialog.ts";
import { Icon } from "../parts/icons.ts";
import { Empty, ErrorNote, Waiting } from "../parts/notices.ts";
import { StatusBadge } from "../parts/status_mark.ts";
import { ScheduleDialog } from "./schedule_dialog.ts";

/** What starts by the clock, and when. */
export function SchedulesView(): VNode {
  const { data, error, reload } = useResource<ScheduleList>("/schedules");
  const scope = useRunScope();
  const [isMaking, setMaking] = useState(false);
  const [doomed, setDoomed] = useState<Schedule>();
  const soon = useThrottle(reload, 1000);
  // A run that began by the clock moves the next times on.
  useChanges({ onRun: soon, onReset: reload });
  const pause = async (schedule: Schedule) => {
    const { path, ...also } = pauseRequest(schedule, !schedule.isPaused);
    await attempt(() => call(path, also), schedule.isPaused ? "It goes on" : "It is paused");
    reload();
  };
  const remove = async ({ name }: Schedule) => {
    setDoomed(undefined);
    await attempt(
      () => call(`/schedules/${encodeURIComponent(name)}`, { method: "DELETE" }),
      "The schedule is gone",
    );
    reload();
  };
  return html`
    <div class="head"><h1>Schedules</h1><span class="grow"></span>
      ${canChange() &&
        html`<button type="button" class="primary" data-start ...${scope} onClick=${() =>
          setMaking(true)}>
        <${Icon} name="plus" />New schedule</button>`}</div>
    ${error && html`<${ErrorNote} error=${error} />`}
    ${data === undefined ? !error && html`<${Waiting} />` : data.schedules.length === 0
      ? html`
        <div class="card">
          <${Empty} title="Nothing starts by the clock">
            <p>Make a schedule here, or a <code>cron</code> trigger in the file of a workflow</p>
            </${Empty}>
            </div>
      `
      : html`<ul class="rows">${
        data.schedules.map((schedule) =>
          html`
            <${Row} key=${`${schedule.origin} ${schedule.workflow} ${schedule.name}`} schedule=${schedule}
              onPause=${() => void pause(schedule)} onRemove=${() => setDoomed(schedule)} />
          `
        )
      }</ul>`}
    ${isMaking && html`<${ScheduleDialog} onClose=${() => setMaking(false)} onMade=${() => {
      setMaking(false);
      reload();
    }} />`}
    ${doomed && html`
      <${Dialog} title=${`Delete ${doomed.name}?`} onClose=${() => setDoomed(undefined)}>
        <p>${doomed.workflow} is no longer started at <code>${doomed
          .schedule}</code>. Runs that it started go on.</p>
        <div class="form">
          <footer><button type="button" onClick=${() => setDoomed(undefined)}>Keep it</button>
              <button type="button" class="danger" onClick=${() =>
                void remove(doomed)}><${Icon} name="trash" />Delete</button>
            </footer>
        </div>
        </${Dialog}>
    `}
  `;
}

/** `pd dev` keeps the schedules of the file alone. */
function canChange(): boolean {
  return document.documentElement.dataset["session"] !== "open";
}

function Row({ schedule, onPause, onRemove }: {
  readonly schedule: Schedule;
  onPause(): void;
  onRemove(): void;
}): VNode {
  const { name, workflow, origin, timezone, overlap, isPaused, next, createdBy } = schedule;
  const now = useNow(15_000);
  const scope = useRunScope();
  const [first, ...later] = next;
  const maker = origin === "file"
    ? "from its file"
    : createdBy
    ? `made by ${createdBy}`
    : "made here";
  return html`
    <li class="row schedule">
      <div class="schedule-what">
        <h2><a href=${`/ui/workflows/${encodeURIComponent(workflow)}`}>${workflow}</a></h2>
        <p class="dim cut-off">${name} · ${maker}</p>
      </div>
      <div><code class="cron">${schedule.schedule}</code>
          <p class="dim small-text">${timezone}${overlap === "forbid"
            ? ""
            : ` · overlap ${overlap}`}</p></div>
      <div class="schedule-next">
          ${isPaused
            ? html`<${StatusBadge} status="paused" />`
            : first === undefined
            ? html`<span class="dim">never again</span>`
            : html`
              <strong title=${formatMoment(first)}>${formatRelative(first, now)}</strong>
              <details>
                <summary class="dim small-text">${formatMoment(first)}</summary>
                <ol>${later.map((at) =>
                  html`<li key=${at} class="dim small-text">${formatMoment(at)}</li>`
                )}</ol>
              </details>
            `}
        </div>
      <div class="actions">${canChange() &&
        html`<button type="button" class="small" ...${scope} onClick=${onPause} aria-label=${`${
          isPaused ? "Resume" : "Pause"
        } ${name} of ${workflow}`}>
            <${Icon} name=${isPaused ? "play" : "pause"} />${
          isPaused ? "Resume" : "Pause"
        }</button>`}
          ${origin === "server" && html`
            <button type="button" class="small danger" ...${scope} onClick=${onRemove}
              aria-label=${`Delete ${name}`}><${Icon} name="trash" /></button>
          `}
        </div>
    </li>
  `;
}
