import type { JsonObject, JsonValue } from "../json/mod.ts";
import { type Flaw, type Problem, problemAt, quoted } from "./problem.ts";
import type { WorkflowFile } from "./workflow_schema.ts";

type TriggerFile = NonNullable<WorkflowFile["triggers"]>[number];
type TriggerOf<Type extends TriggerFile["type"]> = Extract<TriggerFile, { type: Type }>;

interface Entry {
  readonly index: number;
  /** All that stands in the file, refused keys included. */
  readonly written: JsonObject;
  readonly problems: Problem[];
}

/** Keys that core NATS has no use for: it keeps no message. */
const JETSTREAM_KEYS = ["max_deliver", "dead_letter"] as const;

/**
 * The longest name that leaves room for a cluster's suffixes: a CronJob has at most 52 characters, and
 * is called `<name>-cron` or `<name>-cron-<i>`.
 */
export function longestName(crons: number): number {
  if (crons === 0) return 63;
  if (crons === 1) return 47;
  return crons <= 10 ? 45 : 44;
}

/** Checks what spans several keys of a trigger, or several triggers. */
export function checkTriggers(file: WorkflowFile, written: JsonObject): Problem[] {
  const problems: Problem[] = [];
  const all = written["triggers"];
  for (const [index, trigger] of (file.triggers ?? []).entries()) {
    // A refused entry leaves a gap.
    if (trigger === undefined || !Array.isArray(all)) continue;
    const entry: Entry = { index, written: all[index] as JsonObject, problems };
    if (trigger.type === "queue") checkQueue(trigger, entry);
    if (trigger.type === "webhook") checkWebhook(trigger, entry);
  }
  checkUnique(file.triggers ?? [], problems);
  const first = file.triggers?.findIndex((trigger) => trigger?.type === "queue") ?? -1;
  const config = written["config"] as JsonValue | undefined;
  const hasUrl = typeof config === "object" && config !== null && Object.hasOwn(config, "nats_url");
  if (first >= 0 && !hasUrl) {
    problems.push(
      problemAt(["triggers", first], {
        code: "SPEC_MISSING_KEY",
        rule: "a queue trigger needs config.nats_url",
        state: "without it the trigger stays off",
        fix: { say: "Add to config: nats_url: nats://127.0.0.1:4222" },
      }, { at: "key", severity: "warning" }),
    );
  }
  return problems;
}

function checkQueue(trigger: TriggerOf<"queue">, { index, written, problems }: Entry): void {
  const hasOne = Object.hasOwn(written, "subject");
  const hasSeveral = Object.hasOwn(written, "subjects");
  if (hasOne && hasSeveral) {
    add(problems, [index, "subjects"], {
      code: "SPEC_CONFLICT",
      rule: "a trigger has subject or subjects",
      state: "both are given",
      fix: { say: "Move the subject into subjects, and remove subject:" },
    });
  } else if (!hasOne && !hasSeveral) {
    add(problems, [index], {
      code: "SPEC_MISSING_KEY",
      rule: 'it needs the key "subject"',
      state: "the key is missing",
      fix: { say: `Add to triggers[${index}]: subject: orders.created` },
    });
  }
  if (Object.hasOwn(written, "stream") || Object.hasOwn(written, "durable")) return;
  for (const key of JETSTREAM_KEYS) {
    if (trigger[key] === undefined) continue;
    add(problems, [index, key], {
      code: "SPEC_CONFLICT",
      rule: "only JetStream delivers a message again",
      state: "the trigger has no stream",
      fix: { say: `Add stream: ORDERS, or remove ${key}:` },
    }, "warning");
  }
}

function checkWebhook(trigger: TriggerOf<"webhook">, { index, written, problems }: Entry): void {
  const hasSecret = Object.hasOwn(written, "secret");
  const hasVerify = Object.hasOwn(written, "verify");
  if (hasVerify && !hasSecret) {
    add(problems, [index, "verify"], {
      code: "SPEC_MISSING_KEY",
      rule: 'it needs the key "secret"',
      state: "the key is missing",
      fix: {
        say: `Add to triggers[${index}]: secret: ${trigger.verify ?? "github"}.webhook_secret`,
      },
    });
  }
  if (hasSecret && !hasVerify) {
    add(problems, [index, "secret"], {
      code: "SPEC_MISSING_KEY",
      rule: 'it needs the key "verify"',
      state: "nothing uses the secret without it",
      fix: { say: `Add to triggers[${index}]: verify: hmac` },
    });
  }
}

function checkUnique(triggers: readonly TriggerFile[], problems: Problem[]): void {
  const names = new Map<string, number>();
  const paths = new Map<string, number>();
  for (const [index, trigger] of triggers.entries()) {
    if (trigger === undefined) continue;
    if (trigger.name !== undefined) checkTaken(names, "name", trigger.name, { index, problems });
    if (trigger.type === "webhook" && trigger.path !== undefined) {
      checkTaken(paths, "path", trigger.path, { index, problems });
    }
  }
}

function checkTaken(
  taken: Map<string, number>,
  key: string,
  value: string,
  { index, problems }: Omit<Entry, "written">,
): void {
  const other = taken.get(value);
  if (other === undefined) {
    taken.set(value, index);
    return;
  }
  add(problems, [index, key], {
    code: "SPEC_CONFLICT",
    rule: `the ${key} of a trigger is its own`,
    state: `triggers[${other}] has ${quoted(value)} too`,
    fix: { write: `${value}-${index + 1}` },
  });
}

function add(
  problems: Problem[],
  path: readonly (string | number)[],
  flaw: Flaw,
  severity: "error" | "warning" = "error",
): void {
  problems.push(problemAt(["triggers", ...path], flaw, { at: "key", severity }));
}
