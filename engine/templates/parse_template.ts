import type { JsonValue } from "../json/mod.ts";
import { isFunction } from "./functions.ts";
import { literalText } from "./literal_text.ts";
import { scanTemplate, type Stretch, type Token } from "./scan_template.ts";
import { Flaw } from "./template_error.ts";
import type { Block, Command, Expression, Pipe, TemplateNode } from "./template_tree.ts";

/** Deeper blocks and parentheses are refused. */
const MAX_DEPTH = 100;

/** Reads a template. */
export function parseTemplate(text: string): readonly TemplateNode[] {
  return new Parser(scanTemplate(text), text.length).parse();
}

type ListEnd = "end" | "else" | "eof";

class Parser {
  readonly #stretches: readonly Stretch[];
  readonly #length: number;
  /** Names of the variables that can be seen, innermost last. */
  #names: string[] = ["$"];
  #index = 0;
  #depth = 0;
  #loops = 0;

  constructor(stretches: readonly Stretch[], length: number) {
    this.#stretches = stretches;
    this.#length = length;
  }

  parse(): readonly TemplateNode[] {
    const { nodes, end, at } = this.#list();
    if (end === "eof") return nodes;
    throw new Flaw(at, `unexpected {{${end}}}`);
  }

  /** Nodes up to an `end`, an `else` or the end of the text. After `else` its action is left to be read. */
  #list(): { nodes: TemplateNode[]; end: ListEnd; at: number; action?: Action } {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const stretch = this.#stretches[this.#index++];
      if (stretch === undefined) return { nodes, end: "eof", at: this.#length };
      if (stretch.kind === "text") {
        nodes.push(stretch);
        continue;
      }
      const action = new Action(stretch.tokens, this.#names);
      const word = action.keyword();
      const { at } = stretch;
      if (word === "end") {
        action.finish("end");
        return { nodes, end: "end", at };
      }
      if (word === "else") return { nodes, end: "else", at, action };
      nodes.push(this.#action(action, word, at));
    }
  }

  #action(action: Action, word: string | undefined, at: number): TemplateNode {
    switch (word) {
      case "if":
      case "with":
      case "range":
        return this.#block(word, action, at);
      case "break":
      case "continue":
        action.finish(word);
        if (this.#loops === 0) throw new Flaw(at, `{{${word}}} outside {{range}}`);
        return { kind: word, at };
      case "define":
      case "template":
      case "block":
        throw new Flaw(at, `{{${word}}} is not supported in scripts`);
      default:
        return { kind: "print", pipe: action.pipe("command") };
    }
  }

  #block(kind: Block["kind"], action: Action, at: number): Block {
    if (++this.#depth > MAX_DEPTH) throw new Flaw(at, "blocks are nested too deeply");
    const outer = this.#names.length;
    const pipe = action.pipe(kind);
    if (kind === "range") this.#loops++;
    const body = this.#list();
    if (kind === "range") this.#loops--;
    let otherwise: readonly TemplateNode[] = [];
    if (body.end === "eof") throw new Flaw(body.at, "unexpected EOF");
    if (body.end === "else" && body.action !== undefined) {
      otherwise = this.#otherwise(kind, body.action, body.at);
    }
    this.#names.length = outer;
    this.#depth--;
    return { kind, pipe, body: body.nodes, otherwise };
  }

  #otherwise(kind: Block["kind"], action: Action, at: number): readonly TemplateNode[] {
    const word = action.keyword();
    // Its "end" is that of the whole chain.
    if (word !== undefined && word === kind && kind !== "range") {
      return [this.#block(kind, action, at)];
    }
    if (word !== undefined) throw new Flaw(at, `unexpected <${word}> in else`);
    action.finish("else");
    const list = this.#list();
    if (list.end === "else") throw new Flaw(list.at, "expected end; found {{else}}");
    if (list.end === "eof") throw new Flaw(list.at, "unexpected EOF");
    return list.nodes;
  }
}

const KEYWORDS: ReadonlySet<string> = new Set([
  "if",
  "else",
  "end",
  "range",
  "with",
  "break",
  "continue",
  "define",
  "template",
  "block",
]);

/** Reads what stands between two delimiters. */
class Action {
  readonly #tokens: readonly Token[];
  readonly #names: string[];
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], names: string[]) {
    this.#tokens = tokens;
    this.#names = names;
  }

  /** The keyword that comes next, taken. */
  keyword(): string | undefined {
    this.#skipSpace();
    const { kind, value } = this.#peek();
    if (kind !== "word" || !KEYWORDS.has(value)) return undefined;
    this.#index++;
    return value;
  }

  /** Nothing more may come. */
  finish(context: string): void {
    this.#skipSpace();
    const token = this.#peek();
    if (token.kind !== "end") throw this.#unexpected(token, context);
  }

  /** The whole of what is left. */
  pipe(context: string): Pipe {
    const pipe = this.#pipe(context, "end");
    return pipe;
  }

  #pipe(context: string, until: "end" | ")"): Pipe {
    this.#skipSpace();
    const { at } = this.#peek();
    if (++this.#depth > MAX_DEPTH) throw new Flaw(at, "parentheses are nested too deeply");
    const { variables, isAssignment } = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      this.#skipSpace();
      const token = this.#peek();
      if (token.kind === "end" && until === ")") throw new Flaw(token.at, "unclosed left paren");
      const isOver = until === "end" ? token.kind === "end" : isSign(token, ")");
      if (!isOver) {
        commands.push(this.#command(context, commands.length));
        continue;
      }
      if (commands.length === 0) throw new Flaw(at, `missing value for ${context}`);
      if (until === ")") this.#index++;
      break;
    }
    this.#depth--;
    for (const name of isAssignment ? [] : variables) this.#names.push(name);
    return { variables, isAssignment, commands, at };
  }

  /** `$x :=`, `$x =`, `$i, $x :=`: nothing is taken where there is none. */
  #declaration(context: string): Pick<Pipe, "variables" | "isAssignment"> {
    const start = this.#index;
    const variables: string[] = [];
    for (;;) {
      this.#skipSpace();
      const name = this.#peek();
      if (name.kind !== "variable") break;
      this.#index++;
      variables.push(name.value);
      this.#skipSpace();
      const sign = this.#peek();
      if (isSign(sign, ":=") || isSign(sign, "=")) {
        this.#index++;
        const isAssignment = sign.value === "=";
        if (isAssignment) { for (const each of variables) this.#know(each, name.at); }
        return { variables, isAssignment };
      }
      if (!isSign(sign, ",") || context !== "range" || variables.length > 1) break;
      this.#index++;
    }
    this.#index = start;
    return { variables: [], isAssignment: false };
  }

  #command(context: string, stage: number): Command {
    const words: Expression[] = [];
    const { at } = this.#peek();
    for (;;) {
      words.push(this.#operand(context));
      const token = this.#peek();
      if (token.kind === "space") {
        this.#skipSpace();
        const next = this.#peek();
        if (next.kind !== "end" && !isSign(next, "|") && !isSign(next, ")")) continue;
      }
      break;
    }
    const token = this.#peek();
    if (isSign(token, "|")) {
      this.#index++;
      this.#skipSpace();
      const next = this.#peek();
      if (next.kind === "end" || isSign(next, ")")) {
        throw new Flaw(token.at, `missing value for ${context}`);
      }
    } else if (token.kind !== "end" && !isSign(token, ")")) {
      throw this.#unexpected(token, "operand");
    }
    const [first] = words;
    if (stage > 0 && first !== undefined && NEVER_CALLED.has(first.kind)) {
      throw new Flaw(first.at, `non executable command in pipeline stage ${stage + 1}`);
    }
    return { words, at };
  }

  #operand(context: string): Expression {
    const token = this.#peek();
    const { at, value } = token;
    this.#index++;
    switch (token.kind) {
      case "field":
        return { kind: "field", path: [value.slice(1), ...this.#path()], at };
      case "variable":
        this.#know(value, at);
        return { kind: "variable", name: value, path: this.#path(), at };
      case "dot":
        return { kind: "dot", at };
      case "number":
        return this.#literal(numberOf(value, at), at);
      case "text":
        return this.#literal(literalText(value, at), at);
      case "word":
        return this.#word(value, at, context);
      case "sign":
        if (value === "(") {
          const pipe = this.#pipe("parenthesized pipeline", ")");
          return { kind: "group", pipe, path: this.#path(), at };
        }
    }
    throw this.#unexpected(token, context);
  }

  #word(name: string, at: number, context: string): Expression {
    if (name === "true" || name === "false") return this.#literal(name === "true", at);
    if (name === "nil") return { kind: "nil", at };
    if (KEYWORDS.has(name)) throw new Flaw(at, `unexpected <${name}> in ${context}`);
    if (!isFunction(name)) throw new Flaw(at, `function "${name}" not defined`);
    return { kind: "function", name, at };
  }

  #literal(value: JsonValue, at: number): Expression {
    return { kind: "literal", value, at };
  }

  #path(): readonly string[] {
    const path: string[] = [];
    for (let next = this.#peek(); next.kind === "field"; next = this.#peek()) {
      path.push(next.value.slice(1));
      this.#index++;
    }
    return path;
  }

  #know(name: string, at: number): void {
    if (!this.#names.includes(name)) throw new Flaw(at, `undefined variable "${name}"`);
  }

  #peek(): Token {
    return this.#tokens[this.#index] ??
      { kind: "end", value: "", at: this.#tokens.at(-1)?.at ?? 0 };
  }

  #skipSpace(): void {
    while (this.#peek().kind === "space") this.#index++;
  }

  #unexpected({ kind, value, at }: Token, context: string): Flaw {
    return new Flaw(
      at,
      `unexpected ${kind === "end" ? '"}}"' : JSON.stringify(value)} in ${context}`,
    );
  }
}

const NEVER_CALLED: ReadonlySet<string> = new Set(["dot", "nil", "literal"]);

function isSign(token: Token, value: string): boolean {
  return token.kind === "sign" && token.value === value;
}

function numberOf(text: string, at: number): number {
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/.exec(text.replaceAll("_", "")) ?? [];
  // A leading zero is octal, as in Go.
  const number = Number(/^0\d+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (Number.isNaN(number)) throw new Flaw(at, `bad number syntax: "${text}"`);
  return sign === "-" ? -number : number;
}
