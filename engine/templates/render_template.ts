import type { JsonObject } from "../json/mod.ts";
import { Budget } from "./budget.ts";
import { Evaluation } from "./evaluation.ts";
import { parseTemplate } from "./parse_template.ts";
import { Flaw, TemplateError } from "./template_error.ts";
import { Variables } from "./variables.ts";

/** Texts of variables that use each other are filled in so deep. */
const MAX_DEPTH = 32;

/**
 * Fills in a template as Go's text/template does with `missingkey=error`. Variables that are texts are templates
 * themselves, filled in when they are used.
 *
 * @param name Which template it is, for messages: `entry 2 of node "build"`.
 * @param plain Variables that are no templates, whatever is in them.
 * @throws {TemplateError}
 */
export function renderTemplate(
  text: string,
  values: JsonObject,
  { name = "the template", plain }: {
    readonly name?: string;
    readonly plain?: ReadonlySet<string>;
  } = {},
): string {
  if (!text.includes("{{")) return text;
  const active: string[] = [];
  const budget = new Budget();
  const variables: Variables = new Variables(values, (variable, source): string => {
    if (plain?.has(variable)) return source;
    if (active.includes(variable)) {
      throw new Error(
        `variable "${variable}" is made of itself: ${[...active, variable].join(" -> ")}`,
      );
    }
    if (active.length >= MAX_DEPTH) {
      throw new Error(`more than ${MAX_DEPTH} variables are made of each other`);
    }
    active.push(variable);
    try {
      return fill(source, `variable "${variable}" of ${name}`, { variables, budget });
    } finally {
      active.pop();
    }
  });
  return fill(text, name, { variables, budget });
}

function fill(
  text: string,
  name: string,
  { variables, budget }: { readonly variables: Variables; readonly budget: Budget },
): string {
  try {
    return new Evaluation(variables, budget).run(parseTemplate(text));
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    throw new TemplateError({ name, text, offset: error.offset, detail: error.message });
  }
}
