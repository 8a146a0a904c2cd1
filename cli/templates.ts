/** A workflow to start from: a folder under `cli/templates`. */
export interface Template {
  readonly name: string;
  readonly summary: string;
}

/** Every template, the default one first. */
export const TEMPLATES: readonly [Template, ...Template[]] = [
  { name: "hello", summary: "two nodes, no network" },
  { name: "digest", summary: "fetch, filter, format: an HTTP API with recordings" },
];
