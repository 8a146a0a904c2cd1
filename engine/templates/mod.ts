/** Go's text/template as far as scripts use it. */
export { renderTemplate } from "./render_template.ts";
export { TemplateError } from "./template_error.ts";
export { formatValue } from "./format_value.ts";
