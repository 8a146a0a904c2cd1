/// <reference lib="dom" />
import type { VNode } from "preact";
import { html } from "../core/html.ts";
import type { InputSpec } from "../data/api_types.ts";
import { asText, type Draft } from "../data/draft.ts";
import { Icon } from "./icons.ts";

/** What is wrong, by input. */
export type FormErrors = { readonly [input: string]: string };

/** Fields for declared inputs, and free variables for workflows that declare none. */
export function InputForm({ inputs, draft, errors, onChange }: {
  readonly inputs: { readonly [name: string]: InputSpec };
  readonly draft: Draft;
  readonly errors: FormErrors;
  onChange(draft: Draft): void;
}): VNode {
  const names = Object.keys(inputs);
  const setValue = (name: string, value: string | boolean) =>
    onChange({ ...draft, values: { ...draft.values, [name]: value } });
  return html`<div class="fields">
    ${
    names.map((name) =>
      html`
        <${Field} key=${name} name=${name} spec=${inputs[name]} value=${draft.values[name]}
          error=${errors[name]} onChange=${(value: string | boolean) => setValue(name, value)} />
      `
    )
  }
    ${
    names.length === 0 &&
    html`<${Variables} draft=${draft} errors=${errors} onChange=${onChange} />`
  }
  </div>`;
}

function Field({ name, spec, value, error, onChange }: {
  readonly name: string;
  readonly spec: InputSpec;
  readonly value: string | boolean | undefined;
  readonly error: string | undefined;
  onChange(value: string | boolean): void;
}): VNode {
  const id = `input-${name}`;
  const also = {
    id,
    name,
    "aria-invalid": error !== undefined,
    "aria-describedby": `${id}-about`,
    "aria-required": spec.required,
  };
  const onInput = (event: Event) => onChange((event.currentTarget as HTMLInputElement).value);
  const about = html`<p id=${`${id}-about`} class="field-about">${spec.description}${
    error && html`<span class="field-error" role="alert">${error}</span>`
  }</p>`;
  if (typeof value === "boolean") {
    return html`<div class="field"><label class="tick-box"><input type="checkbox" ...${also} checked=${value}
      onChange=${(event: Event) =>
      onChange((event.currentTarget as HTMLInputElement).checked)} />${name}</label>${about}</div>`;
  }
  return html`<div class="field">
    <label for=${id}>${name}<span class="dim"> ${spec.type}${
    spec.required ? ", required" : ""
  }</span></label>
    ${
    spec.enum !== undefined
      ? html`<select ...${also} value=${value} onChange=${onInput}>
          ${(spec.default === undefined || !spec.required) && html`<option value=""></option>`}
          ${
        spec.enum.map((one) => {
          const text = asText(one, spec);
          return html`<option key=${text} value=${text}>${text}</option>`;
        })
      }</select>`
      : spec.type === "array" || spec.type === "object"
      ? html`
        <textarea ...${also} rows="4" spellcheck=${false} class="code-input" value=${value}
          onInput=${onInput}
          placeholder=${spec.type === "array" ? '["a", "b"]' : '{"key": "value"}'}></textarea>
      `
      : html`
        <input ...${also} type="text" value=${value} onInput=${onInput} autocomplete="off"
          inputmode=${spec.type === "integer"
            ? "numeric"
            : spec.type === "number"
            ? "decimal"
            : undefined} />
      `
  }
    ${about}
  </div>`;
}

function Variables({ draft, errors, onChange }: {
  readonly draft: Draft;
  readonly errors: FormErrors;
  onChange(draft: Draft): void;
}): VNode {
  const { variables } = draft;
  const set = (next: Draft["variables"]) => onChange({ ...draft, variables: next });
  const change = (at: number, part: "name" | "value") => (event: Event) =>
    set(
      variables.map((one, index) =>
        index === at ? { ...one, [part]: (event.currentTarget as HTMLInputElement).value } : one
      ),
    );
  return html`<fieldset class="variables"><legend>Variables</legend>
    ${
    variables.map(({ name, value }, index) =>
      html`
        <div class="variable" key=${index}>
          <input type="text" value=${name} placeholder="name" aria-label=${`Name of variable ${
            index + 1
          }`}
            name=${`variable ${index}`} aria-invalid=${`variable ${index}` in
              errors} autocomplete="off" onInput=${change(index, "name")} />
          <input type="text" value=${value} placeholder="value" aria-label=${`Value of variable ${
            index + 1
          }`}
            autocomplete="off" onInput=${change(index, "value")} />
          <button type="button" class="plain" aria-label=${`Remove variable ${index + 1}`}
            onClick=${() =>
              set(variables.filter((_, at) => at !== index))}><${Icon} name="trash" /></button>
          <p class="field-error" role="alert">${errors[`variable ${index}`]}</p>
        </div>
      `
    )
  }
    <button type="button" class="small" onClick=${() =>
    set([...variables, { name: "", value: "" }])}>
      <${Icon} name="plus" />Add a variable</button>
  </fieldset>`;
}
