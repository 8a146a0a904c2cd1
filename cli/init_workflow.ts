import type { Cli } from "./cli.ts";
import { createWorkflow, isWorkflowName, suggestName } from "./scaffold/mod.ts";
import { shownPath } from "./targets/mod.ts";
import { TEMPLATES } from "./templates.ts";
import { askChoice, askText } from "./terminal/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What `pd init` was asked; what is undefined is asked for, or has a default. */
export interface InitRequest {
  readonly name: string | undefined;
  readonly template: string | undefined;
  /** As typed. */
  readonly dir: string | undefined;
}

/** Creates a workflow and says what to do next. */
export async function initWorkflow(cli: Cli, request: InitRequest): Promise<void> {
  const { io, out } = cli;
  const answers = request.name === undefined ? await ask(cli, request) : {
    name: request.name,
    template: request.template ?? TEMPLATES[0].name,
  };
  if (answers === undefined) {
    cli.exitCode = 130;
    return;
  }
  const { name, template } = answers;
  if (!isWorkflowName(name)) throw badName(name);
  const dir = cli.resolve(request.dir ?? name);
  const files = await createWorkflow({ name, template, dir });
  const shown = shownPath(dir, io.cwd);
  out.result(`created ${shown} from the template ${template}`, { name, template, dir, files });
  const enter = shown === "." ? "" : `cd ${quoted(shown)} && `;
  out.note(
    `next: ${enter}pd validate && pd test && pd run .${template === "digest" ? " --replay" : ""}`,
  );
}

async function ask(
  { io }: Cli,
  { template }: InitRequest,
): Promise<{ readonly name: string; readonly template: string } | undefined> {
  if (!io.stdin.isTerminal || !io.stderr.isTerminal || io.stderr.size() === undefined) {
    throw new UsageError(
      "Cannot ask for the name of the workflow as this is no terminal",
      "pd init my-flow",
    );
  }
  const name = await askText("What is the workflow called?", {
    initial: "my-flow",
    validate: (answer) => isWorkflowName(answer) ? undefined : badName(answer).message,
  });
  if (name === undefined) return undefined;
  const chosen = template ?? await askChoice(
    "What should it start from?",
    TEMPLATES.map((one) => ({ value: one.name, hint: one.summary })),
  );
  return chosen === undefined ? undefined : { name, template: chosen };
}

function badName(name: string): UsageError {
  const isPath = name.includes("/");
  const good = suggestName(
    isPath ? name.split("/").filter((part) => part !== "").at(-1) ?? "" : name,
  );
  return new UsageError(
    `Cannot call a workflow "${name}" as names are kebab-case with at most 63 characters: did you mean "${good}"?`,
    isPath ? `pd init ${good} --dir ${quoted(name)}` : `pd init ${good}`,
  );
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
