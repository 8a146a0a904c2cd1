import { CodedError } from "../errors/mod.ts";
import type { ParseError } from "jsonc-parser";
import type { JsonObject, JsonValue } from "../json/mod.ts";

/** Where hosts find the module "pipedreamer": the same file that they have loaded already. */
const AUTHOR_MODULE = new URL("../mod.ts", import.meta.url).href;

const CONFIG_NAMES = ["deno.json", "deno.jsonc"];

/**
 * The configuration that hosts start with: the workflow's own `deno.json`, its relative paths made
 * absolute, with "pipedreamer" mapped to this engine.
 *
 * @throws {CodedError} `NODE_INVALID` when the workflow's deno.json is not JSON
 */
export async function hostConfig(workflowDir: string): Promise<JsonObject> {
  const own = await readConfig(workflowDir);
  const base = `file://${encodeURI(workflowDir)}/`;
  const scopes: Record<string, JsonValue> = {};
  for (const [scope, imports] of Object.entries(asObject(own["scopes"]))) {
    scopes[absolute(scope, base)] = absoluteImports(asObject(imports), base);
  }
  return {
    imports: { ...absoluteImports(asObject(own["imports"]), base), pipedreamer: AUTHOR_MODULE },
    ...(Object.keys(scopes).length > 0 ? { scopes } : {}),
    ...(own["compilerOptions"] === undefined ? {} : { compilerOptions: own["compilerOptions"] }),
    nodeModulesDir: "none",
  };
}

async function readConfig(workflowDir: string): Promise<JsonObject> {
  for (const name of CONFIG_NAMES) {
    const text = await Deno.readTextFile(`${workflowDir}/${name}`).catch(() => undefined);
    if (text === undefined) continue;
    try {
      return asObject(await parse(text));
    } catch (cause) {
      throw new CodedError(
        "NODE_INVALID",
        `Cannot read "${name}" of the workflow as JSON: ${(cause as Error).message}`,
        { fix: `Correct ${workflowDir}/${name}`, cause },
      );
    }
  }
  return {};
}

/** Comments and trailing commas are rare, so what reads them is loaded only when plain JSON fails. */
async function parse(text: string): Promise<JsonValue> {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { parse: parseJsonc } = await import("jsonc-parser");
    const problems: ParseError[] = [];
    const value = parseJsonc(text, problems, { allowTrailingComma: true });
    if (problems.length > 0) throw error;
    return value;
  }
}

function absoluteImports(imports: JsonObject, base: string): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(imports).map(([name, target]) => [
      absolute(name, base),
      typeof target === "string" ? absolute(target, base) : target,
    ]),
  );
}

function absolute(specifier: string, base: string): string {
  return /^\.{0,2}\//.test(specifier) ? new URL(specifier, base).href : specifier;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as JsonObject
    : {};
}
