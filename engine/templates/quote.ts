import { formatValue } from "./format_value.ts";
import type { Value } from "./variables.ts";

/** Words of a POSIX shell that come out of it as the values went in: one for each, also for those of a list. */
export function quote(values: readonly Value[]): string {
  return values.flatMap((value) => Array.isArray(value) ? value.map(word) : [word(value)]).join(
    " ",
  );
}

function word(value: Value): string {
  const text = value === null || value === undefined ? "" : formatValue(value);
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
