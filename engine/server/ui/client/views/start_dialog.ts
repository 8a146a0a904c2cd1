/// <reference lib="dom" />
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { html } from "../core/html.ts";
import { navigate } from "../core/router.ts";
import type { StartedRun } from "../data/actions.ts";
import { type ApiError, call } from "../data/api.ts";
import type { WorkflowDetails } from "../data/api_types.ts";
import { useResource } from "../data/resource.ts";
import { Dialog } from "../parts/dialog.ts";
import { Icon } from "../parts/icons.ts";
import { type FormErrors, InputForm } from "../parts/input_form.ts";
import { ErrorNote, Waiting } from "../parts/notices.ts";
import { type Draft, emptyDraft, readDraft, stillWrong } from "../data/draft.ts";

/** Asks for the input of a run, starts it, and shows it. */
export function StartDialog({ name, onClose }: { readonly name: string; onClose(): void }): VNode {
  const { data, error } = useResource<WorkflowDetails>(`/workflows/${encodeURIComponent(name)}`);
  return html`<${Dialog} title=${`Start ${name}`} onClose=${onClose}>
    ${
    data !== undefined
      ? html`<${StartForm} workflow=${data} onClose=${onClose} />`
      : error
      ? html`<${ErrorNote} error=${error} />`
      : html`<${Waiting} rows=${2} />`
  }
  </${Dialog}>`;
}

function StartForm(
  { workflow, onClose }: { readonly workflow: WorkflowDetails; onClose(): void },
): VNode {
  const { name, inputs, queue } = workflow;
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(inputs));
  const [errors, setErrors] = useState<FormErrors>({});
  const [failure, setFailure] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // A second press of the button, or of Enter, starts no second run.
  const key = useRef(crypto.randomUUID());
  const onChange = (next: Draft) => {
    setDraft(next);
    setErrors((old) => stillWrong(old, draft, next));
  };
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    const read = readDraft(inputs, draft);
    setErrors(read.errors);
    setFailure(undefined);
    if (Object.keys(read.errors).length > 0) {
      return focusFirst(form.current, Object.keys(read.errors));
    }
    setBusy(true);
    try {
      const { runId } = await call<StartedRun>(`/workflows/${encodeURIComponent(name)}/runs`, {
        method: "POST",
        body: { input: read.input },
        idempotencyKey: key.current,
      });
      onClose();
      navigate(`/ui/runs/${runId}`);
    } catch (error) {
      const refused = error as ApiError;
      setBusy(false);
      key.current = crypto.randomUUID();
      const byInput = Object.fromEntries(refused.problems.map((one) => [one.input, one.message]));
      const known = Object.fromEntries(
        Object.entries(byInput).filter(([input]) => input in inputs),
      );
      setErrors(known);
      if (Object.keys(known).length > 0) focusFirst(form.current, Object.keys(known));
      else setFailure(refused);
    }
  };
  const waits = queue.concurrency !== null && queue.running >= queue.concurrency;
  return html`<form ref=${form} class="form" onSubmit=${onSubmit} noValidate>
    <${InputForm} inputs=${inputs} draft=${draft} errors=${errors} onChange=${onChange} />
    ${failure && html`<${ErrorNote} error=${failure} />`}
    <footer>
      <p class="dim">${
    waits
      ? `${queue.running} running: this one waits for its turn`
      : Object.keys(inputs).length === 0 && draft.variables.length === 0
      ? "It takes no declared input"
      : ""
  }</p>
      <button type="button" onClick=${onClose}>Close</button>
      <button class="primary" disabled=${isBusy}><${Icon} name="play" />${
    isBusy ? "Starting…" : "Start run"
  }</button>
    </footer>
  </form>`;
}

function focusFirst(form: HTMLFormElement | null, names: readonly string[]): void {
  const first = names[0];
  if (first === undefined) return;
  form?.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`)?.focus();
}
