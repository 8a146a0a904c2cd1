import process from "node:process";

/** One of several to choose from. */
export interface Choice {
  readonly value: string;
  readonly hint: string;
}

/** Asks a person for a line of text on the terminal. `undefined` when they gave up with Ctrl-C. */
export async function askText(
  question: string,
  options: {
    readonly initial: string;
    /** What is wrong with an answer, or `undefined`. */
    validate(answer: string): string | undefined;
  },
): Promise<string | undefined> {
  const { isCancel, text } = await import("@clack/prompts");
  const answer = await text({
    message: question,
    initialValue: options.initial,
    output: process.stderr,
    validate: (value) => options.validate(value ?? ""),
  });
  return isCancel(answer) ? undefined : answer;
}

/** Asks a person to choose on the terminal. `undefined` when they gave up with Ctrl-C. */
export async function askChoice(
  question: string,
  choices: readonly Choice[],
): Promise<string | undefined> {
  const { isCancel, select } = await import("@clack/prompts");
  const answer = await select({
    message: question,
    options: choices.map(({ value, hint }) => ({ value, label: value, hint })),
    output: process.stderr,
  });
  return isCancel(answer) ? undefined : answer;
}

/** Asks a person for a yes on the terminal. Anything else, Ctrl-C included, is a no. */
export async function askYesNo(question: string): Promise<boolean> {
  const { confirm } = await import("@clack/prompts");
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  return answer === true;
}

/** Asks a person for what nobody may read over their shoulder. `undefined` when they gave up with Ctrl-C. */
export async function askSecret(question: string): Promise<string | undefined> {
  const { isCancel, password } = await import("@clack/prompts");
  const answer = await password({ message: question, output: process.stderr });
  return isCancel(answer) ? undefined : answer;
}
