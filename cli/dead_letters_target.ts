import { createRedactor, loadSecrets, type Redactor } from "../engine/context/mod.ts";
import { CodedError, PdError } from "../engine/errors/mod.ts";
import type { JsonObject } from "../engine/json/mod.ts";
import { parseWorkflow, type WorkflowSpec } from "../engine/spec/mod.ts";
import { type DeadLetter, type DeadLetterBox, openDeadLetters } from "../engine/triggers/mod.ts";
import { WorkflowInvalidError } from "../engine/workflow/mod.ts";
import type { Cli } from "./cli.ts";
import { deadLetterJson, deadLettersTable, deadLetterText } from "./dead_letter_view.ts";
import { findTarget, shownPath } from "./targets/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What `pd dlq` was asked. */
export interface DeadLettersRequest {
  readonly action: "list" | "show" | "replay";
  readonly target: string;
  readonly subject: string | undefined;
  readonly sequence: number | undefined;
  readonly all: boolean;
  readonly limit: number;
  /** Absolute. */
  readonly secretsPath: string | undefined;
}

/** Lists, shows or replays dead letters. Sets the exit code. */
export async function deadLettersTarget(cli: Cli, request: DeadLettersRequest): Promise<void> {
  const { dir, file } = await findTarget(request.target, cli.io.cwd, { command: "pd dlq list" });
  const spec = await readSpec(file, shownPath(file, cli.io.cwd));
  const { secrets } = await loadSecrets({
    dir,
    ...(request.secretsPath === undefined ? {} : { path: request.secretsPath }),
  });
  const redactor = createRedactor(secrets);
  await using box = await openDeadLetters({
    workflow: spec.name,
    triggers: spec.triggers.filter((trigger) => trigger.type === "queue"),
    config: spec.config.values,
    secrets,
    dir,
  });
  const subjects = subjectsOf(box, request, spec);
  const asked = { cli, box, request, subjects, redactor };
  switch (request.action) {
    case "list":
      return await list(asked);
    case "show":
      return await show(asked);
    case "replay":
      return await replay(asked);
  }
}

interface Asked {
  readonly cli: Cli;
  readonly box: DeadLetterBox;
  readonly request: DeadLettersRequest;
  /** Subjects of dead letters. */
  readonly subjects: readonly string[];
  readonly redactor: Redactor;
}

async function readSpec(file: string, shown: string): Promise<WorkflowSpec> {
  const { spec, diagnostics } = await parseWorkflow(await Deno.readTextFile(file), { file: shown });
  if (spec === undefined) throw new WorkflowInvalidError(shown, diagnostics);
  return spec;
}

function subjectsOf(
  { places }: DeadLetterBox,
  { subject }: DeadLettersRequest,
  { name }: WorkflowSpec,
): readonly string[] {
  const all = [...new Set(places.map(({ deadLetter }) => deadLetter))];
  if (all.length === 0) {
    throw new CodedError(
      "TARGET_NOT_FOUND",
      `Cannot find dead letters of "${name}" as triggers of JetStream leave them: it has none`,
      { fix: "Add to a queue trigger in workflow.yaml: stream: ORDERS" },
    );
  }
  if (subject === undefined) return all;
  // The subject of the messages names their dead letters too.
  const found = places.filter((place) => place.deadLetter === subject || place.subject === subject);
  if (found.length > 0) return [...new Set(found.map(({ deadLetter }) => deadLetter))];
  throw new UsageError(
    `Cannot use --subject "${subject}" as "${name}" has dead letters of ${all.join(", ")}`,
    `pd dlq list --subject ${all[0]}`,
  );
}

async function list({ cli, box, request, subjects, redactor }: Asked): Promise<void> {
  const letters: DeadLetter[] = [];
  for (const subject of subjects) {
    try {
      let count = 0;
      for await (const letter of box.read(subject)) {
        if (request.sequence !== undefined && letter.sequence !== request.sequence) continue;
        if (count++ === request.limit) {
          cli.out.note(`${subject} has more: pd dlq list --subject ${subject} --limit 1000`);
          break;
        }
        letters.push(letter);
      }
    } catch (error) {
      if (subjects.length === 1 || !(error instanceof PdError)) throw error;
      cli.out.warn(error.message);
      if (error.fix !== undefined) cli.out.warn(`fix: ${error.fix}`);
    }
  }
  if (letters.length === 0) cli.out.note("no dead letters");
  cli.out.result(deadLettersTable(letters, redactor), {
    deadLetters: letters.map((letter) => deadLetterJson(letter, redactor)),
  });
}

async function show({ cli, box, request, subjects, redactor }: Asked): Promise<void> {
  const { sequence } = request;
  if (sequence === undefined) {
    throw new UsageError(
      "Cannot show a dead letter as --seq says which: it is not given",
      "pd dlq list",
    );
  }
  const letter = one(await find(box, subjects, sequence), sequence);
  cli.out.result(deadLetterText(letter, redactor), deadLetterJson(letter, redactor));
}

async function replay({ cli, box, request, subjects, redactor }: Asked): Promise<void> {
  const { sequence, all } = request;
  if ((sequence === undefined) === !all) {
    throw new UsageError(
      `Cannot replay dead letters as --seq or --all says which: ${
        all ? "both are" : "neither is"
      } given`,
      "pd dlq replay --all",
    );
  }
  const replayed: JsonObject[] = [];
  const failed: JsonObject[] = [];
  const places = sequence === undefined
    ? await readAll(box, subjects)
    : [one(await find(box, subjects, sequence), sequence)];
  for (const { stream, sequence } of places) {
    try {
      const { subject } = await box.replay({ stream, sequence });
      replayed.push({ stream, sequence, subject });
    } catch (error) {
      if (!(error instanceof PdError)) throw error;
      const message = redactor.text(error.message);
      failed.push({ stream, sequence, code: error.code, message, fix: error.fix ?? null });
      cli.exitCode = 1;
    }
  }
  for (const { stream, sequence, code, message, fix } of failed) {
    cli.out.warn(`${stream} ${sequence} is still there: ${code} ${message}`);
    if (fix !== null) cli.out.warn(`fix: ${fix}`);
  }
  if (places.length === 0) cli.out.note("no dead letters");
  cli.out.result(
    replayed.map(({ stream, sequence, subject }) => `replayed ${stream} ${sequence} to ${subject}`)
      .join("\n"),
    { replayed, failed },
  );
}

/** Where the letters lie; what they hold is not kept, as there may be many. */
async function readAll(
  box: DeadLetterBox,
  subjects: readonly string[],
): Promise<readonly Pick<DeadLetter, "stream" | "sequence">[]> {
  const places: Pick<DeadLetter, "stream" | "sequence">[] = [];
  for (const subject of subjects) {
    for await (const { stream, sequence } of box.read(subject)) places.push({ stream, sequence });
  }
  return places;
}

async function find(
  box: DeadLetterBox,
  subjects: readonly string[],
  sequence: number,
): Promise<readonly DeadLetter[]> {
  const found: DeadLetter[] = [];
  for (const subject of subjects) {
    const letter = await box.get(subject, sequence);
    if (letter !== undefined) found.push(letter);
  }
  return found;
}

function one(found: readonly DeadLetter[], sequence: number): DeadLetter {
  const [first, second] = found;
  if (first === undefined) {
    throw new CodedError(
      "TARGET_NOT_FOUND",
      `Cannot find a dead letter with --seq ${sequence}: there is none`,
      { fix: "pd dlq list" },
    );
  }
  if (second === undefined) return first;
  throw new UsageError(
    `Cannot tell which dead letter --seq ${sequence} means: ${
      found.map(({ deadLetter }) => deadLetter).join(" and ")
    } have one`,
    `pd dlq show --seq ${sequence} --subject ${first.deadLetter}`,
  );
}
