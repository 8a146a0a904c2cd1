import { h, type VNode } from "preact";
import htm from "htm";

type Template = (strings: TemplateStringsArray, ...values: readonly unknown[]) => VNode;

/** Makes elements of a template; what stands in `${}` is text or an attribute, never markup. */
export const html: Template = // Its types are those of its CommonJS form.
  (htm as unknown as { bind(create: typeof h): Template }).bind(h);
