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
  const name = word.startsWith("--") ? word.split("=", 1)[0] ?? "" : word.slice(0, 2);
  const kind = flags[name];
  return kind === "value" && name !== word ? kind : undefined;
}
