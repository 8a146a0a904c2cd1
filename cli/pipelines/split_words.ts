/** How the words of `pd run` fall apart around the name of a target. */
export interface RunWords {
  /** pd's own flags before the target, with their values. */
  readonly before: readonly string[];
  /** `undefined` when no target is named. */
  readonly target: string | undefined;
  /** All that follows the target. */
  readonly after: readonly string[];
}

/** What a flag takes: nothing, or a value in the next word or behind `=`. */
export type FlagKinds = { readonly [flag: string]: "switch" | "value" };

/** pd's flags that are read behind the name of a stored pipeline. Whatever else stands there is the program's. */
export const PIPELINE_FLAGS: FlagKinds = {
  "--driver": "value",
  "--storage": "value",
  "--timeout": "value",
  "--secrets": "value",
  "--secret": "value",
  "-e": "value",
  "--global-secret": "value",
  "--no-workdir": "switch",
  "--include": "value",
  "--ignore": "value",
  "--output-dir": "value",
};

/** Finds the target: the first word that is neither a flag of pd nor the value of one. */
export function splitAtTarget(words: readonly string[], flags: FlagKinds): RunWords {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("-") || word === "-") {
      return { before: words.slice(0, i), target: word, after: words.slice(i + 1) };
    }
    if (takesNext(word, flags)) i++;
  }
  return { before: words, target: undefined, after: [] };
}

/**
 * Splits what follows the name of a stored pipeline: pd's few flags, and the program's arguments, which are
 * verbatim from the first other word on. A `--` straight behind the name is dropped.
 */
export function splitPipelineWords(
  after: readonly string[],
): { readonly flags: readonly string[]; readonly args: readonly string[] } {
  if (after[0] === "--") return { flags: [], args: after.slice(1) };
  let i = 0;
  while (i < after.length) {
    const word = after[i] ?? "";
    if (!isFlag(word, PIPELINE_FLAGS)) break;
    i += takesNext(word, PIPELINE_FLAGS) ? 2 : 1;
  }
  return { flags: after.slice(0, i), args: after.slice(i) };
}

/** The values that words give to each of their flags; `undefined` when one of them is no flag, or lacks its value. */
export function readFlagWords(
  words: readonly string[],
  flags: FlagKinds,
): ReadonlyMap<string, readonly string[]> | undefined {
  const values = new Map<string, string[]>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const kind = kindOf(word, flags);
    if (kind === undefined) return undefined;
    const name = nameOf(word, flags);
    const joined = word.startsWith("--") ? word.slice(name.length + 1) : word.slice(name.length);
    const value = kind === "switch" ? "" : word === name ? words[++i] : joined;
    if (value === undefined) return undefined;
    values.set(name, [...values.get(name) ?? [], value]);
  }
  return values;
}

function isFlag(word: string, flags: FlagKinds): boolean {
  return kindOf(word, flags) !== undefined;
}

function takesNext(word: string, flags: FlagKinds): boolean {
  return kindOf(word, flags) === "value" && !isJoined(word, flags);
}

/** `--flag=value`, or `-evalue`. */
function isJoined(word: string, flags: FlagKinds): boolean {
  return flags[word] === undefined;
}

function kindOf(word: string, flags: FlagKinds): "switch" | "value" | undefined {
  const exact = flags[word];
  if (exact !== undefined) return exact;
  const name = nameOf(word, flags);
  const kind = flags[name];
  return kind === "value" && name !== word ? kind : undefined;
}

/** The flag in `--flag=value` and `-fvalue`. */
function nameOf(word: string, flags: FlagKinds): string {
  if (flags[word] !== undefined) return word;
  return word.startsWith("--") ? word.split("=", 1)[0] ?? "" : word.slice(0, 2);
}
