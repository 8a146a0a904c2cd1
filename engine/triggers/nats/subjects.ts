/** Whether a subject without wildcards is among those that `pattern` stands for. */
export function matchesSubject(pattern: string, subject: string): boolean {
  const words = subject.split(".");
  const parts = pattern.split(".");
  for (const [index, part] of parts.entries()) {
    if (part === ">") return words.length > index;
    if (index >= words.length || (part !== "*" && part !== words[index])) return false;
  }
  return words.length === parts.length;
}

/** Whether every subject of `inner` is one of `outer`. */
export function coversSubject(outer: string, inner: string): boolean {
  const wide = outer.split(".");
  const narrow = inner.split(".");
  for (const [index, part] of wide.entries()) {
    if (part === ">") return narrow.length > index;
    const other = narrow[index];
    if (other === undefined || other === ">") return false;
    if (part !== "*" && part !== other) return false;
  }
  return wide.length === narrow.length;
}
