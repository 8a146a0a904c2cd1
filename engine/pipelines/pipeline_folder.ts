import { CodedError } from "../errors/mod.ts";
import type { LaidOut } from "./lay_out.ts";
import { PIPELINE_MODULE } from "./pipeline_module.ts";

/** The module of the one node: it loads the pipeline anew for each run, as a command starts anew. */
const ENTRY = `import { type Context, type JsonValue, runPipeline } from "pipedreamer";

let runs = 0;

export default function run(ctx: Context, input: JsonValue) {
  const url = new URL(\`./${PIPELINE_MODULE}?v=\${++runs}\`, import.meta.url).href;
  return runPipeline(ctx, input, () => import(url));
}
`;

/** As long as a pipeline may take at the most; the run's own limit is shorter. */
const TIMEOUT = "168h";
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_NAME = 63;

/**
 * The files of the workflow that a pipeline runs as: one node without any rights, which is not tried again when it
 * fails, and is when its host was lost.
 */
export function pipelineFolder(stored: LaidOut): { readonly [path: string]: string } {
  const { id, name, version, driver, files } = stored;
  const values = [
    ...driver === undefined ? [] : [`  driver: ${JSON.stringify(driver)}`],
  ];
  const lines = [
    `name: ${JSON.stringify(name)}`,
    `version: "${version}.0"`,
    "nodes:",
    "  pipeline:",
    "    path: ./main.ts",
    "    permissions: { net: [], read: [], write: [], secrets: [] }",
    `    timeout: ${TIMEOUT}`,
    "    retries: 0",
    "    on_lost: retry",
    // It is also what lets a node ask for whole containers.
    `    config: { pipeline_id: ${JSON.stringify(id ?? name)} }`,
    ...values.length === 0 ? [] : ["config:", ...values],
    "",
  ];
  return { "workflow.yaml": lines.join("\n"), "main.ts": ENTRY, ...files };
}

/**
 * Refuses a name that no workflow can have.
 *
 * @throws {CodedError} `SPEC_NAME`
 */
export function checkName(name: string): void {
  if (name.length <= MAX_NAME && NAME.test(name)) return;
  throw new CodedError(
    "SPEC_NAME",
    `Cannot name a pipeline "${name}" as names are kebab-case and at most ${MAX_NAME} long: it is not`,
    { fix: "Use lower-case letters, digits and single hyphens, such as load-test" },
  );
}
