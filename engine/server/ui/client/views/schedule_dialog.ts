/// <reference lib="dom" />
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { html } from "../core/html.ts";
import { notify } from "../core/announce.ts";
import { type ApiError, call } from "../data/api.ts";
import type { WorkflowDetails, WorkflowLine } from "../data/api_types.ts";
import { type Draft, emptyDraft, readDraft, stillWrong } from "../data/draft.ts";
import { useResource } from "../data/resource.ts";
import { Dialog } from "../parts/dialog.ts";
import { type FormErrors, InputForm } from "../parts/input_form.ts";
import { ErrorNote } from "../parts/notices.ts";

const EXAMPLES: readonly (readonly [schedule: string, meaning: string])[] = [
  ["*/15 * * * *", "every 15 minutes"],
  ["0 * * * *", "every hour"],
  ["0 9 * * *", "every day at 9"],
  ["0 9 * * 1-5", "on weekdays at 9"],
  ["0 6 * * 1", "on Mondays at 6"],
];

/** Makes a schedule: which workflow, when, and with which input. */
export function ScheduleDialog(
  { onClose, onMade }: { onClose(): void; onMade(): void },
): VNode {
  const list = useResource<{ readonly workflows: readonly WorkflowLine[] }>("/workflows?runs=0");
  const [workflow, setWorkflow] = useState("");
  const [schedule, setSchedule] = useState("0 9 * * *");
  const [timezone, setTimezone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [draft, setDraft] = useState<Draft>({ values: {}, variables: [] });
  const [errors, setErrors] = useState<FormErrors>({});
  const [failure, setFailure] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const chosen = workflow || list.data?.workflows[0]?.name;
  const { data } = useResource<WorkflowDetails>(
    chosen === undefined ? undefined : `/workflows/${encodeURIComponent(chosen)}`,
  );
  useEffect(() => {
    if (data !== undefined) setDraft(emptyDraft(data.inputs));
  }, [data?.name]);
  const onChange = (next: Draft) => {
    setDraft(next);
    setErrors((old) => stillWrong(old, draft, next));
  };
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (data === undefined) return;
    const read = readDraft(data.inputs, draft);
    setErrors(read.errors);
    setFailure(undefined);
    if (Object.keys(read.errors).length > 0) return;
    setBusy(true);
    try {
      await call("/schedules", {
        method: "POST",
        body: { workflow: data.name, schedule, timezone, input: read.input },
      });
      notify({ kind: "done", text: `${data.name} starts by the clock` });
      onMade();
    } catch (error) {
      setBusy(false);
      setFailure(error as ApiError);
    }
  };
  const value = (event: Event) => (event.currentTarget as HTMLInputElement).value;
  const isWrong = (field: string) => failure?.field === field;
  return html`
    <${Dialog} title="New schedule" onClose=${onClose}>
      <form class="form" onSubmit=${onSubmit} noValidate>
          <div class="fields">
            <div class="field"><label for="schedule-workflow">Workflow</label>
              <select id="schedule-workflow" value=${chosen} onChange=${(event: Event) =>
                setWorkflow(value(event))}>
                ${list.data?.workflows.map(({ name }) =>
                  html`<option key=${name} value=${name}>${name}</option>`
                )}
              </select></div>
            <div class="field"><label for="schedule-when">When <span class="dim">minute, hour, day, month, weekday</span></label>
              <input id="schedule-when" type="text" class="code-input" value=${schedule} autocomplete="off" spellcheck=${false}
                aria-invalid=${isWrong("schedule")} onInput=${(event: Event) =>
                  setSchedule(value(event))} />
              <div class="chips examples">${EXAMPLES.map(([example, meaning]) =>
                html`
                  <button key=${example} type="button" class="small chip" aria-pressed=${schedule ===
                    example}
                    onClick=${() => setSchedule(example)}>${meaning}</button>
                `
              )}</div></div>
            <div class="field"><label for="schedule-zone">Time zone</label>
              <input id="schedule-zone" type="text" value=${timezone} list="zones" autocomplete="off" aria-invalid=${isWrong(
                "timezone",
              )}
                onInput=${(event: Event) => setTimezone(value(event))} />
              <datalist id="zones">${zones().map((zone) =>
                html`<option key=${zone} value=${zone} />`
              )}</datalist></div>
            ${data &&
              html`<${InputForm} inputs=${data.inputs} draft=${draft} errors=${errors} onChange=${onChange} />`}
          </div>
          ${failure && html`<${ErrorNote} error=${failure} />`}
          <footer><button type="button" onClick=${onClose}>Close</button>
            <button class="primary" disabled=${isBusy ||
              data === undefined}>Create schedule</button></footer>
        </form>
      </${Dialog}>
  `;
}

function zones(): readonly string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}
