import { type Budget, MAX_CHARS } from "./budget.ts";
import { callFunction, LAZY_FUNCTIONS } from "./functions.ts";
import { entriesOf, formatValue } from "./format_value.ts";
import { lengthOf, typeName } from "./parts_of_value.ts";
import { Flaw, TemplateError } from "./template_error.ts";
import type { Block, Command, Expression, Pipe, TemplateNode } from "./template_tree.ts";
import { entryOf, isMap, isTrue, type Value, Variables } from "./variables.ts";

/** How a list of nodes ended: inside of a range it may be left, or begun again. */
type ListEnd = "through" | "break" | "continue";

/** One template on its way to its text. */
export class Evaluation {
  readonly #root: Variables;
  /** Innermost last. */
  readonly #variables: { readonly name: string; value: Value }[];
  readonly #parts: string[] = [];
  readonly #budget: Budget;
  #chars = 0;

  constructor(root: Variables, budget: Budget) {
    this.#root = root;
    this.#budget = budget;
    this.#variables = [{ name: "$", value: root }];
  }

  run(nodes: readonly TemplateNode[]): string {
    this.#list(nodes, this.#root);
    return this.#parts.join("");
  }

  #list(nodes: readonly TemplateNode[], dot: Value): ListEnd {
    const outer = this.#variables.length;
    try {
      for (const node of nodes) {
        const end = this.#node(node, dot);
        if (end !== "through") return end;
      }
      return "through";
    } finally {
      this.#variables.length = outer;
    }
  }

  #node(node: TemplateNode, dot: Value): ListEnd {
    switch (node.kind) {
      case "text":
        this.#write(node.text, 0);
        return "through";
      case "print": {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.#print(value, node.pipe.at);
        return "through";
      }
      case "break":
      case "continue":
        return node.kind;
      default:
        return this.#block(node, dot);
    }
  }

  #block(block: Block, dot: Value): ListEnd {
    const outer = this.#variables.length;
    try {
      if (block.kind === "range") return this.#range(block, dot);
      const value = this.#pipe(block.pipe, dot);
      if (!isTrue(value)) return this.#list(block.otherwise, dot);
      return this.#list(block.body, block.kind === "with" ? value : dot);
    } finally {
      this.#variables.length = outer;
    }
  }

  #range({ pipe, body, otherwise }: Block, dot: Value): ListEnd {
    const value = this.#value(pipe, dot);
    const count = this.#countOf(value, pipe);
    if (count === 0) return this.#list(otherwise, dot);
    if (isMap(value)) this.#budget.entries(pipe.at, count);
    const entries = isMap(value) ? this.#guard(pipe.at, () => entriesOf(value)) : undefined;
    const { variables, isAssignment } = pipe;
    const outer = this.#variables.length;
    for (let index = 0; index < count; index++) {
      this.#step(pipe.at);
      const [key, item]: readonly [Value, Value] = entries?.[index] ??
        [index, Array.isArray(value) ? value[index] : index];
      const values = variables.length === 2 ? [key, item] : [item];
      for (const [place, name] of variables.entries()) {
        this.#set(name, values[place], { isAssignment, at: pipe.at });
      }
      const end = this.#list(body, item);
      this.#variables.length = outer;
      if (end === "break") break;
    }
    return "through";
  }

  /** How often a range goes round. */
  #countOf(value: Value, { at }: Pipe): number {
    if (value === null || value === undefined) return 0;
    if (Array.isArray(value)) return value.length;
    if (isMap(value)) return lengthOf(value);
    if (typeof value === "number" && Number.isInteger(value)) return Math.max(0, value);
    throw new Flaw(at, `range can't iterate over ${formatValue(value)}`);
  }

  /** The value of a pipe, which its variable gets. */
  #pipe(pipe: Pipe, dot: Value): Value {
    const value = this.#value(pipe, dot);
    const { isAssignment, at } = pipe;
    for (const name of pipe.variables) this.#set(name, value, { isAssignment, at });
    return value;
  }

  #value({ commands, at }: Pipe, dot: Value): Value {
    this.#step(at);
    let given: readonly Value[] = [];
    for (const command of commands) given = [this.#command(command, dot, given)];
    return given[0];
  }

  #command({ words }: Command, dot: Value, given: readonly Value[]): Value {
    const [first, ...rest] = words;
    if (first === undefined) return undefined;
    if (first.kind === "function") return this.#call(first, rest, { dot, given });
    if (rest.length > 0 || given.length > 0) throw new Flaw(first.at, notCallable(first));
    if (first.kind === "nil") throw new Flaw(first.at, "nil is not a command");
    return this.#expression(first, dot);
  }

  #call(
    { name, at }: Extract<Expression, { readonly kind: "function" }>,
    words: readonly Expression[],
    { dot, given }: { readonly dot: Value; readonly given: readonly Value[] },
  ): Value {
    const args: Value[] = [];
    for (const word of words) {
      const value = this.#argument(word, dot);
      args.push(value);
      // What decides is the value; the rest is not looked at.
      if (LAZY_FUNCTIONS.has(name) && isTrue(value) === (name === "or")) return value;
    }
    const all = [...args, ...given];
    this.#budget.call(at, all);
    const value = this.#guard(at, () => callFunction(name, all));
    this.#budget.result(at, value);
    return value;
  }

  #argument(word: Expression, dot: Value): Value {
    if (word.kind === "nil") return null;
    return word.kind === "function"
      ? this.#call(word, [], { dot, given: [] })
      : this.#expression(word, dot);
  }

  #expression(expression: Expression, dot: Value): Value {
    const { at } = expression;
    switch (expression.kind) {
      case "dot":
        return dot;
      case "literal":
        return expression.value;
      case "field":
        return this.#fields(dot, expression.path, at);
      case "variable": {
        const { value } = this.#variable(expression.name, at);
        return this.#fields(value, expression.path, at);
      }
      case "group":
        return this.#fields(this.#pipe(expression.pipe, dot), expression.path, at);
      default:
        return null;
    }
  }

  #fields(from: Value, path: readonly string[], at: number): Value {
    let value = from;
    for (const name of path) {
      if (value === null || value === undefined) {
        throw new Flaw(at, `nil data; no entry for key "${name}"`);
      }
      if (!isMap(value)) {
        throw new Flaw(at, `can't evaluate field ${name} in type ${typeName(value)}`);
      }
      const isThere = value instanceof Variables ? value.has(name) : Object.hasOwn(value, name);
      if (!isThere) throw new Flaw(at, `map has no entry for key "${name}"`);
      const map = value;
      value = this.#guard(at, () => entryOf(map, name));
    }
    return value;
  }

  #variable(name: string, at: number) {
    const found = this.#variables.findLast((each) => each.name === name);
    if (found === undefined) throw new Flaw(at, `undefined variable: ${name}`);
    return found;
  }

  #set(
    name: string,
    value: Value,
    { isAssignment, at }: { readonly isAssignment: boolean; readonly at: number },
  ): void {
    if (isAssignment) this.#variable(name, at).value = value;
    else this.#variables.push({ name, value });
  }

  #print(value: Value, at: number): void {
    this.#write(this.#guard(at, () => formatValue(value)), at);
  }

  /** What cannot be had of a variable is a flaw of the place that asks for it. */
  #guard<T>(at: number, get: () => T): T {
    try {
      return get();
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      throw new Flaw(at, (error as Error).message);
    }
  }

  #write(text: string, at: number): void {
    this.#chars += text.length;
    if (this.#chars > MAX_CHARS) throw new Flaw(at, "the result is larger than 8 MiB");
    this.#budget.result(at, text);
    this.#parts.push(text);
  }

  #step(at: number): void {
    this.#budget.step(at);
  }
}

function notCallable(first: Expression): string {
  switch (first.kind) {
    case "field":
    case "variable":
      return `${first.path.at(-1) ?? "variable"} has arguments but cannot be invoked as function`;
    default:
      return "can't give argument to non-function";
  }
}
