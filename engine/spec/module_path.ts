import { type Flaw, quoted } from "./problem.ts";

const EXTENSIONS = ["ts", "js", "mts", "mjs", "tsx", "jsx"];

/**
 * What is wrong with `text` as a node's module, or `undefined`: a path relative to the workflow folder
 * that stays inside it and ends as a module does. Symbolic links are looked at when it is loaded.
 */
export function modulePathFlaw(text: string): Flaw | undefined {
  if (text.trim() === "") return flaw("it must name a module", "it is empty", "./nodes/fetch.ts");
  if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(text)) {
    return flaw(
      "a node's module lies in the workflow folder",
      `${quoted(text)} is a URL`,
      local(text),
    );
  }
  if (text.includes("\\")) {
    const fixed = text.replace(/^[A-Za-z]:/, "").replaceAll("\\", "/").replace(/^\/+/, "");
    return flaw("paths have forward slashes", quoted(text), `./${fixed}`);
  }
  // They mean something else in the URL that the path becomes, or end the text of it.
  if (/[?#%]|\p{Cc}/u.test(text)) {
    return flaw("a path has none of ? # % and no control characters", quoted(text), local(text));
  }
  if (text.startsWith("/") || text.startsWith("~")) {
    return escape("it must be relative to the workflow folder", quoted(text), local(text));
  }
  let depth = 0;
  for (const part of text.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) {
      return escape("it must stay inside the workflow folder", quoted(text), local(text));
    }
  }
  const extension = /\.([A-Za-z]+)$/.exec(text)?.[1];
  if (
    extension !== undefined && EXTENSIONS.includes(extension) && !text.endsWith(`/.${extension}`)
  ) {
    return undefined;
  }
  return flaw(
    `a module ends in ${EXTENSIONS.map((name) => `.${name}`).join(", ")}`,
    quoted(text),
    text.replace(/\.[A-Za-z0-9]*$/, "").replace(/(^|\/)$/, "$1mod") + ".ts",
  );
}

function flaw(rule: string, state: string, write: string): Flaw {
  return { code: "SPEC_VALUE", rule, state, fix: { write } };
}

function escape(rule: string, state: string, write: string): Flaw {
  return { code: "PATH_ESCAPE", rule, state, fix: { write } };
}

function local(text: string): string {
  const parts = (text.split(/[?#]/)[0] ?? "").split("/");
  const name = parts.filter((part) => /^[\w-][\w.-]*$/.test(part)).at(-1) ?? "fetch";
  return `./nodes/${name.replace(/\.[A-Za-z0-9]*$/, "")}.ts`;
}
