/** The rules of workflow.yaml that span several keys, or that are about the keys themselves. */
import type { JsonObject, JsonValue } from "../json/mod.ts";
import { parseDuration } from "../units/mod.ts";
import { isMap } from "./json_map.ts";
import { equalJson, inputFlaw, typeOf } from "./input_value.ts";
import { describe, type Fix, type Flaw, type Problem, problemAt, quoted } from "./problem.ts";
import { checkNative } from "./native_rules.ts";
import { checkQueue } from "./queue_rules.ts";
import { ENV_NAME, INPUT_NAME, kebab, NODE_ID, SERVICE_NAME } from "./text_rules.ts";
import { checkTriggers, longestName } from "./trigger_rules.ts";
import type { WorkflowFile } from "./workflow_schema.ts";

type NodeFile = WorkflowFile["nodes"][string];
type Path = readonly (string | number)[];

/**
 * Checks what the schema cannot say. `file` is the part of the file that follows the schema; `written` is
 * all of it, so that a key that was refused still counts as given.
 */
export function checkRules(file: WorkflowFile, written: JsonObject): Problem[] {
  const problems: Problem[] = [];
  checkName(file, problems);
  problems.push(...checkTriggers(file, written));
  checkKeys(file, problems);
  for (const [name, input] of Object.entries(file.inputs ?? {})) {
    checkInputSpec(name, input, problems);
  }
  const nodes = own(written, "nodes");
  if (isMap(nodes) && Object.keys(nodes).length === 0) {
    problems.push(problemAt(["nodes"], {
      code: "SPEC_VALUE",
      rule: "a workflow has at least one node",
      state: "it is empty",
      fix: { write: "{ fetch: { path: ./nodes/fetch.ts } }" },
    }));
  }
  for (const [id, node] of Object.entries(file.nodes ?? {})) {
    checkNode(["nodes", id], node, problems);
    problems.push(...checkNative(["nodes", id], node, file.config?.driver));
  }
  const config = own(written, "config");
  if (file.config !== undefined) {
    problems.push(...checkQueue(file.config, (key) => own(config, key) !== undefined));
  }
  return problems;
}

function checkName({ name, triggers = [] }: WorkflowFile, problems: Problem[]): void {
  const crons = triggers.filter((trigger) => trigger?.type === "cron").length;
  const longest = longestName(crons);
  if (name === undefined || name.length <= longest) return;
  problems.push(problemAt(["name"], {
    code: "SPEC_NAME",
    rule: `a name has at most ${longest} characters with ${crons} cron trigger${
      crons > 1 ? "s" : ""
    }`,
    state: `it has ${name.length}`,
    fix: { write: kebab(name, longest) },
  }));
}

interface KeyRule {
  readonly allowed: RegExp;
  readonly rule: string;
  readonly example: string;
}

const NODE_KEY: KeyRule = {
  allowed: NODE_ID,
  rule: "a node id has lower-case letters, digits, - and _, at most 63",
  example: "fetch-stories",
};
const INPUT_KEY: KeyRule = {
  allowed: INPUT_NAME,
  rule: "an input name has letters, digits, - and _, a letter first, at most 63",
  example: "topic",
};
const SERVICE_KEY: KeyRule = {
  allowed: SERVICE_NAME,
  rule: "a service name has lower-case letters, digits and -, at most 63",
  example: "github",
};
const ENV_KEY: KeyRule = {
  allowed: ENV_NAME,
  rule: "a variable name has letters, digits and _, no digit first",
  example: "LOG_LEVEL",
};

function checkKeys(file: WorkflowFile, problems: Problem[]): void {
  checkKeysOf(["nodes"], file.nodes, NODE_KEY, problems);
  checkKeysOf(["inputs"], file.inputs, INPUT_KEY, problems);
  checkKeysOf(["services"], file.services, SERVICE_KEY, problems);
  for (const [id, node] of Object.entries(file.nodes ?? {})) {
    if ("env" in node) checkKeysOf(["nodes", id, "env"], node.env, ENV_KEY, problems);
  }
}

function checkKeysOf(
  path: Path,
  map: object | undefined,
  rule: KeyRule,
  problems: Problem[],
): void {
  for (const key of Object.keys(map ?? {})) {
    if (rule.allowed.test(key)) continue;
    const near = rule === ENV_KEY ? key.replace(/[^A-Za-z0-9_]+/g, "_") : kebab(key, 63);
    const name = rule.allowed.test(near) ? near : rule.example;
    const state = key === "" ? "it is empty" : `${quoted(key)} does not fit`;
    problems.push(
      problemAt([...path, key], {
        code: "SPEC_NAME",
        rule: rule.rule,
        state,
        fix: { say: `Rename ${quoted(key)} to ${name}:` },
      }, { at: "key" }),
    );
  }
}

function checkInputSpec(
  name: string,
  input: NonNullable<WorkflowFile["inputs"]>[string],
  problems: Problem[],
): void {
  const type = input.type ?? "string";
  const words = (input.enum ?? []) as JsonValue[];
  for (const [index, word] of words.entries()) {
    if (inputFlaw({ type, enum: undefined }, word) !== undefined) {
      problems.push(problemAt(["inputs", name, "enum", index], wrongType(type, word)));
    }
  }
  const value = input.default as JsonValue | undefined;
  if (value === undefined) return;
  if (inputFlaw({ type, enum: undefined }, value) !== undefined) {
    problems.push(problemAt(["inputs", name, "default"], wrongType(type, value)));
  } else if (words.length > 0 && !words.some((word) => equalJson(word, value))) {
    problems.push(problemAt(["inputs", name, "default"], {
      code: "SPEC_VALUE",
      rule: "a default must be one of enum",
      state: `it is ${describe(value)}`,
      fix: { write: JSON.stringify(words[0]) },
    }));
  }
}

function wrongType(type: string, value: JsonValue): Flaw {
  const fix: Fix = type === "string" && typeof value !== "object"
    ? { write: `"${value}"` }
    : { say: `Write a value of type ${type}, or change the type to ${typeOf(value)}` };
  const rule = `the input's type is ${type}`;
  return { code: "SPEC_TYPE", rule, state: `it is ${describe(value)}`, fix };
}

function checkNode(path: Path, node: NodeFile, problems: Problem[]): void {
  const { retry } = node;
  if (retry?.max_attempts !== undefined && node.retries !== undefined) {
    conflict([...path, "retries"], {
      rule: "retries is the short form of retry.max_attempts",
      state: "both are given",
      fix: { say: `Remove retries: ${node.retries}, or retry.max_attempts: ${retry.max_attempts}` },
    }, problems);
  }
  const initialMs = parseDuration(retry?.initial_interval ?? "");
  const maxMs = parseDuration(retry?.max_interval ?? "");
  if (initialMs !== undefined && maxMs !== undefined && initialMs > maxMs) {
    conflict([...path, "retry", "max_interval"], {
      rule: "it must not be below initial_interval",
      state: `${retry?.max_interval} is shorter than ${retry?.initial_interval}`,
      fix: { write: retry?.initial_interval ?? "30s" },
    }, problems);
  }
  if ("permissions" in node && "capabilities" in node) {
    conflict([...path, "capabilities"], {
      rule: "capabilities is another name for permissions",
      state: "both are given",
      fix: { say: "Move what it lists to permissions, and remove capabilities:" },
    }, problems);
  }
  if ("isolation" in node && node.isolation === "none" && (node.permissions ?? node.capabilities)) {
    conflict(
      [...path, "isolation"],
      {
        rule: "permissions hold only in a process of their own",
        state: "nothing enforces them with isolation: none",
        fix: { say: "Remove isolation: none, or the permissions" },
      },
      problems,
      "warning",
    );
  }
}

function conflict(
  path: Path,
  flaw: Omit<Flaw, "code">,
  problems: Problem[],
  severity: "error" | "warning" = "error",
): void {
  problems.push(problemAt(path, { code: "SPEC_CONFLICT", ...flaw }, { at: "key", severity }));
}

function own(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
