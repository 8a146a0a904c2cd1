const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_LENGTH = 63;

/** Is this a name that a workflow can have: kebab-case, at most 63 characters? */
export function isWorkflowName(name: string): boolean {
  return name.length <= MAX_LENGTH && NAME.test(name);
}

/** The nearest name that a workflow can have; `my-flow` when nothing of it can stay. */
export function suggestName(name: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .join("-")
    .replace(/^[^a-z]+/, "")
    .slice(0, MAX_LENGTH)
    .replace(/-+$/, "");
  return words === "" ? "my-flow" : words;
}
